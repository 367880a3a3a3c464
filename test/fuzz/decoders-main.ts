/**
 * A process that feeds the decoders: `node --expose-gc decoders-main.ts <seed> <inputs>`. Reports its progress by IPC;
 * whatever else than a DecodeError is thrown ends it.
 */
import { createHash } from 'node:crypto'
import { Coverage } from './coverage.ts'
import type { DecodersReport } from './decoders.ts'
import { Dice } from './dice.ts'
import { keptMemory } from './kept-memory.ts'

const [seed = 1, inputs = 1_000] = process.argv.slice(2).map(Number)
const report = (message: DecodersReport) => process.send?.(message)

/** Of so many inputs at most the branches are counted: counting costs half of the speed. */
const COUNTED = 60_000
const REPORT_EVERY = 2_000
const FILES = ['codec.ts', 'frame.ts', 'msgpack-read.ts', 'json-binding.ts', 'field.ts', 'exact-check.ts', 'flaw.ts']

const coverage = new Coverage()
await coverage.start()
const { DecodeError, decodeJson, decodeMessage, encodeMessage, FrameReader, WIRE_LIMITS } = await import(
  '@amp-mesh/protocol'
)
const { hostileBody, hostileChunks, hostileText } = await import('./bodies.ts')

const dice = new Dice(seed)
const options = { maxBytes: WIRE_LIMITS.message }
const fill = { id: 'fill', time: 1, space: 'A'.repeat(43) }
const outcomes = new Map<string, number>()
const digest = createHash('sha256')
let slowestMs = 0

for (let i = 1; i <= inputs; i++) {
  const kind = dice.below(10)
  if (kind < 6) one(hostileBody(dice), decodeBody)
  else if (kind < 8) stream(hostileChunks(dice))
  else one(hostileText(dice), text => decodeJson(text, { fill }))
  if (i === Math.min(COUNTED, inputs)) await report({ event: 'coverage', files: await coverage.stop(FILES) })
  if (i % REPORT_EVERY === 0 || i === inputs) {
    report({ event: 'progress', inputs: i, rss: keptMemory(), slowestMs })
    await new Promise(resolve => setImmediate(resolve))
  }
}
report({ event: 'done', outcomes: Object.fromEntries(outcomes), digest: digest.digest('hex').slice(0, 16) })
process.disconnect?.()

/** What was decoded must be what its own encoding says. */
function decodeBody(body: Uint8Array): void {
  const message = decodeMessage(body, options)
  decodeMessage(encodeMessage(message), options)
}

function stream(chunks: readonly Uint8Array[]): void {
  const reader = new FrameReader(WIRE_LIMITS.message)
  for (const chunk of chunks)
    if (!one(chunk, bytes => reader.push(bytes).forEach(body => void one(body, decodeBody)))) return
}

function one(input: Uint8Array, decode: (input: Uint8Array) => void): boolean {
  const started = performance.now()
  let outcome = 'taken'
  try {
    decode(input)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    outcome = error.code
  }
  slowestMs = Math.max(slowestMs, performance.now() - started)
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  digest.update(outcome)
  return outcome === 'taken'
}
