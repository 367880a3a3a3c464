/** What an attack came to: figures, whether it was one, and whether the honest came through. */
import type { AttackName } from './attacks.ts'

/** `peace`: no crowd yet. `eclipse`: it is there, and nothing more. */
export type Phase = 'peace' | 'eclipse' | AttackName

/** Times in ms; Infinity: it did not come within its time. */
export interface SiegeResult {
  attack: Phase
  /** What was to leave the crowd, and what did. Of an eclipse: Sybils connected to the victim, at the least. */
  unit: string
  intended: number
  sent: number
  bytes: number
  /** Connected to the victim, at the least: Sybils, and others. */
  attackers: number
  neighbours: number
  /** From each word to the last of the honest who heard it. */
  deliveries: number[]
  /** Until newcomers had reached the victim and got an answer. */
  dials: number[]
  /** Of the victim’s process: the longest its event loop was kept, and the memory it took at most, bytes. */
  stallMs: number
  rss: number
  /** Of the machine, by all its programs: those that wanted a core in the last minute. */
  load: number
  /** Of the time that the honest had something to do, for how much they had a core. */
  core: number
}

export const DELIVERY_MS = 10_000
export const DIAL_MS = 1_000
/** With less of a core, what is late is so for want of one: the crowd, and others, take the same two. */
const CORE = 0.5
/** Attackers to each of the honest at the victim. */
const RATIO = 20

/**
 * `invalid`: it shows nothing, for less than half of the attack left, or of the crowd was there; or the machine is too
 * busy with other things: not even peace is kept, or the honest were without a core for half of their time.
 */
export function verdict(result: SiegeResult): 'kept' | 'BROKEN' | 'invalid' {
  const { attack, sent, intended, attackers, neighbours, deliveries, dials, core } = result
  if (attack !== 'peace' && attackers < (RATIO / 2) * neighbours) return 'invalid'
  if (sent < intended / 2 || deliveries.length === 0 || dials.length === 0) return 'invalid'
  if (Math.max(...deliveries) <= DELIVERY_MS && Math.max(...dials) < DIAL_MS) return 'kept'
  return attack === 'peace' || core < CORE ? 'invalid' : 'BROKEN'
}

/** One line for people. */
export function told(result: SiegeResult): string {
  const { attack, unit, intended, sent, bytes, attackers, neighbours, deliveries, dials } = result
  const core = Math.min(100, Math.round(100 * result.core))
  return [
    `${verdict(result).padEnd(7)} ${attack.padEnd(9)}`,
    `${Math.round(sent)} of ${Math.round(intended)} ${unit}${bytes > 0 ? ` (${Math.round(bytes / 1_000)} kB)` : ''};`,
    `at the victim ${attackers} Sybils, ${neighbours} others;`,
    `words ${within(deliveries, DELIVERY_MS)}, dials ${within(dials, DIAL_MS)};`,
    `its loop kept ${Math.round(result.stallMs)} ms at most, ${Math.round(result.rss / 1024 / 1024)} MiB;`,
    `load ${result.load.toFixed(1)}, the honest had a core ${core} % of their time`,
  ].join(' ')
}

function within(times: readonly number[], ms: number): string {
  const sorted = [...times].sort((a, b) => a - b)
  const kept = sorted.filter(time => time <= ms).length
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN)
  return `${kept}/${sorted.length} (half in ${at(0.5)} ms, worst ${at(1)} ms)`
}
