/** Bodies of messages, nearly right: made from the golden vectors by people who know the format and mean harm. */
import { readFileSync } from 'node:fs'
import { encodeFrames, fromUtf8, utf8 } from '@amp-mesh/protocol'
import { type Packed, readMsgpack } from '../../protocol/src/msgpack-read.ts'
import { bytesOf, type Input } from '../unit/protocol/vectors.ts'
import { type Dice, wounded } from './dice.ts'
import { type Loose, looseMsgpack } from './loose-msgpack.ts'

interface Vectors {
  accept: Input[]
  reject: Input[]
}

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')) as Vectors
const small = (inputs: readonly Input[]) => inputs.filter(({ parts }) => parts === undefined).map(bytesOf)
const messages = read('messages.json')
const json = read('json.json')

/** What the decoders must take. */
export const GOOD = { bodies: small(messages.accept), texts: small(json.accept) }
const ALL = {
  bodies: [...GOOD.bodies, ...small(messages.reject)],
  texts: [...GOOD.texts, ...small(json.reject)],
}
const VALUES = GOOD.bodies.map(body => readMsgpack(body))

/** A msgpack body: as it should be, with its structure changed, or with its bytes wounded. */
export function hostileBody(dice: Dice): Uint8Array {
  const how = dice.below(20)
  if (how === 0) return dice.pick(GOOD.bodies)
  if (how === 1) return dice.bytes(dice.below(200))
  if (how === 2) return looseMsgpack({ nested: dice.pick([1, 15, 16, 17, 200, 16_380]) }, dice, 0)
  if (how < 8) return wounded(dice.pick(ALL.bodies), dice.pick(ALL.bodies), dice)
  const changed = Array.from({ length: dice.below(3) + 1 }).reduce<Loose>(
    value => changedIn(value, dice),
    loose(dice.pick(VALUES)),
  )
  return looseMsgpack(changed, dice, dice.pick([0, 0, 0, 0.01, 0.05]))
}

/** The frames of a few bodies, in the chunks a network might make of them; lengths may lie. */
export function hostileChunks(dice: Dice): Uint8Array[] {
  const frames = encodeFrames(Array.from({ length: dice.below(4) + 1 }, () => hostileBody(dice)))
  if (dice.rolls(0.3))
    new DataView(frames.buffer).setUint32(0, dice.pick([0, 1, 2 ** 18, 2 ** 18 + 1, 2 ** 31, 2 ** 32 - 1]))
  const chunks: Uint8Array[] = []
  for (let at = 0; at < frames.length; ) {
    const length = dice.rolls(0.3) ? 1 : dice.below(frames.length) + 1
    chunks.push(frames.subarray(at, at + length))
    at += length
  }
  return chunks
}

const FIELDS = ['type', 'from', 'for', 'parent', 'of', 'id', 'references', 'space', '__proto__', 'constructor', 'x']
const ODD_TEXTS = ['', '\ud800', '\u0000', 'a'.repeat(300), '__proto__', 'broadcast', 'Q'.repeat(43), 'A'.repeat(32)]
const ODD_NUMBERS = [0, -1, 1.5, -0, 1e308, 2 ** 53, 2 ** 53 - 1, -(2 ** 53), 2 ** 32, Number.NaN, Infinity, 4, 1]

/** JSON of a plain client. */
export function hostileText(dice: Dice): Uint8Array {
  const how = dice.below(10)
  if (how === 0) return dice.pick(GOOD.texts)
  if (how < 4) return wounded(dice.pick(ALL.texts), dice.pick(ALL.texts), dice)
  if (how === 4) return utf8('['.repeat(dice.pick([1, 15, 16, 17, often(dice, 300, 100_000)])))
  const value: unknown = JSON.parse(fromUtf8(dice.pick(GOOD.texts)))
  const changed = changedIn(loose(value as Packed), dice)
  return utf8(jsonOf(changed))
}

function jsonOf(value: Loose): string {
  if (value instanceof Uint8Array) return '"AAAA"'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if ('nested' in value) return '[['.repeat(value.nested)
  if ('pairs' in value) return `{${value.pairs.map(([key, each]) => `${jsonOf(String(key))}:${jsonOf(each)}`).join()}}`
  return `[${value.map(jsonOf).join()}]`
}

/** The value with one place in it changed. */
function changedIn(value: Loose, dice: Dice): Loose {
  if (Array.isArray(value) && value.length > 0 && dice.rolls(0.6)) {
    const at = dice.below(value.length)
    if (dice.rolls(0.2)) return value.toSpliced(at, 1)
    if (dice.rolls(0.2)) return [...value, ...Array<Loose>(often(dice, 1, 1_100)).fill(value[at] ?? null)]
    return value.with(at, changedIn(value[at] ?? null, dice))
  }
  if (isPairs(value) && value.pairs.length > 0 && dice.rolls(0.95)) {
    const { pairs } = value
    const at = dice.below(pairs.length)
    const [key, inner] = pairs[at] ?? ['x', null]
    if (dice.rolls(0.1)) return { pairs: pairs.toSpliced(at, 1) }
    if (dice.rolls(0.1)) return { pairs: [...pairs, [dice.rolls(0.9) ? dice.pick(FIELDS) : odd(dice), odd(dice)]] }
    if (dice.rolls(0.03)) return { pairs: [...pairs, [key, inner]] }
    return { pairs: pairs.with(at, [key, changedIn(inner, dice)]) }
  }
  return odd(dice)
}

function odd(dice: Dice): Loose {
  const how = dice.below(9)
  if (how < 2) return dice.pick(ODD_TEXTS)
  if (how < 4) return dice.pick(ODD_NUMBERS)
  if (how === 4) return dice.bytes(dice.pick([0, 1, 32, often(dice, 33, 70_000)]))
  if (how === 5) return Array<Loose>(dice.below(5)).fill(dice.pick(ODD_NUMBERS))
  if (how === 6) return { pairs: [[dice.pick(FIELDS), dice.pick(ODD_TEXTS)]] }
  if (how === 7) return { nested: often(dice, 20, 5_000) }
  return dice.pick([null, true, false])
}

/** The large ones cost a hundred times the small, so they are rare. */
const often = (dice: Dice, small: number, large: number): number => (dice.rolls(0.02) ? large : small)

function loose(value: Packed): Loose {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(loose)
  return { pairs: Object.entries(value).map(([key, each]) => [key, loose(each)] as const) }
}

const isPairs = (value: Loose): value is Extract<Loose, { pairs: unknown }> =>
  typeof value === 'object' && value !== null && 'pairs' in value
