/** Numbers for people: times, sizes, and the closing line of a question. */
import type { Answer } from '@amp-mesh/peer'

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

export const count = (n: number, noun: string, plural = `${noun}s`): string => `${n} ${n === 1 ? noun : plural}`

/** "7 peers · first offer after 0.12 s · concluded after 4.80 s · 132 records · 412 messages · 96.0 kB" */
export function figures(answer: Answer): string {
  return [
    count(answer.peers, 'peer'),
    answer.firstOfferMs === undefined ? 'no offer' : `first offer after ${seconds(answer.firstOfferMs)}`,
    `${answer.outcome === 'concluded' ? 'concluded' : 'ended'} after ${seconds(answer.concludedMs)}`,
    count(answer.records, 'record'),
    count(answer.messages, 'message'),
    size(answer.bytes),
  ].join(' · ')
}

/** Time of day, local, with milliseconds. `at`: ms since the epoch. */
export function clockTime(at: number): string {
  const time = new Date(at)
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map(part => String(part).padStart(2, '0'))
  return `${parts.join(':')}.${String(time.getMilliseconds()).padStart(3, '0')}`
}

/** `2026-11-21 09:45 UTC`. `at`: ms since the epoch. */
export const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
