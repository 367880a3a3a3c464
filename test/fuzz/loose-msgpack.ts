/** Msgpack as a liar writes it: any width for any length, lengths that are not so, kinds that nobody may send. */
import type { Dice } from './dice.ts'

/** What is written: JSON, bytes, and pairs in place of a map, so that a key can come twice or be no text. */
export type Loose = null | boolean | number | string | Uint8Array | readonly Loose[] | Pairs | { nested: number }
export interface Pairs {
  readonly pairs: readonly (readonly [Loose, Loose])[]
}

/** `lies`: how often something is written as it is not, 0..1. */
export function looseMsgpack(value: Loose, dice: Dice, lies: number): Uint8Array {
  const out: number[] = []
  write(out, value, dice, lies)
  return Uint8Array.from(out)
}

const EXT_AND_UNUSED = [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]

function write(out: number[], value: Loose, dice: Dice, lies: number): void {
  if (dice.rolls(lies)) out.push(dice.pick(EXT_AND_UNUSED))
  if (value === null) out.push(0xc0)
  else if (typeof value === 'boolean') out.push(value ? 0xc3 : 0xc2)
  else if (typeof value === 'number') writeNumber(out, value, dice)
  else if (typeof value === 'string') writeText(out, new TextEncoder().encode(value), dice, lies)
  else if (value instanceof Uint8Array) {
    writeLength(out, value.length, [0xc4, 0xc5, 0xc6], dice, lies)
    for (const byte of value) out.push(byte)
  } else if ('nested' in value) {
    const maps = dice.pick([0, 0, 0.001, 0.1])
    for (let i = 0; i < value.nested; i++) out.push(dice.rolls(maps) ? 0x81 : 0x91)
  } else if ('pairs' in value) {
    if (value.pairs.length < 16 && dice.rolls(0.7)) out.push(0x80 | value.pairs.length)
    else writeLength(out, value.pairs.length, [0xde, 0xde, 0xdf], dice, lies)
    for (const [key, each] of value.pairs) {
      write(out, key, dice, lies)
      write(out, each, dice, lies)
    }
  } else {
    if (value.length < 16 && dice.rolls(0.7)) out.push(0x90 | value.length)
    else writeLength(out, value.length, [0xdc, 0xdc, 0xdd], dice, lies)
    for (const each of value) write(out, each, dice, lies)
  }
}

function writeText(out: number[], text: Uint8Array, dice: Dice, lies: number): void {
  if (text.length < 32 && dice.rolls(0.7)) out.push(0xa0 | text.length)
  else writeLength(out, text.length, [0xd9, 0xda, 0xdb], dice, lies)
  for (const byte of text) out.push(dice.rolls(lies / 8) ? 0xff : byte)
}

function writeNumber(out: number[], value: number, dice: Dice): void {
  const view = new DataView(new ArrayBuffer(9))
  const integer = Number.isSafeInteger(value)
  if (integer && value >= 0 && value < 128 && dice.rolls(0.7)) out.push(value)
  else if (integer && value < 0 && value >= -32 && dice.rolls(0.7)) out.push(value + 256)
  else if (integer && dice.rolls(0.8)) {
    const widths = value >= 0 ? [0xcc, 0xcd, 0xce, 0xcf] : [0xd0, 0xd1, 0xd2, 0xd3]
    const fits = widths.filter((_, i) => i === 3 || Math.abs(value) < 2 ** (8 * 2 ** i - 1))
    const token = dice.pick(fits)
    const bytes = 2 ** ((token - 0xcc) % 4)
    view.setBigInt64(0, BigInt(value))
    out.push(token, ...new Uint8Array(view.buffer, 8 - bytes, bytes))
  } else if (dice.rolls(0.3)) {
    view.setFloat32(0, value)
    out.push(0xca, ...new Uint8Array(view.buffer, 0, 4))
  } else {
    view.setFloat64(0, value)
    out.push(0xcb, ...new Uint8Array(view.buffer, 0, 8))
  }
}

/** The length in one of three widths. */
function writeLength(out: number[], length: number, tokens: readonly number[], dice: Dice, lies: number): void {
  const said = dice.rolls(lies) ? dice.pick([0, length + 1, 255, 65_535, 2 ** 31, 2 ** 32 - 1]) : length
  const wide = said > 65_535 ? 2 : said > 255 ? 1 : 0
  const width = wide + dice.below(3 - wide)
  const token = tokens[width] as number
  const bytes = token === 0xde || token === 0xdc ? 2 : token === 0xdf || token === 0xdd ? 4 : 2 ** width
  out.push(token)
  for (let i = bytes - 1; i >= 0; i--) out.push(Math.floor(said / 256 ** i) % 256)
}
