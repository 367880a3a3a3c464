/** Why an agent was found: what its place rests on, by which way it was found, and what the search took. */
import type { Preferred, SearchCost } from '@amp-mesh/discovery'
import { count, seconds, size } from './figures.ts'
import { plainText } from './plain-text.ts'
import type { Style } from './timeline.ts'

/** What a search took; `ms` in all. */
export interface Effort extends Readonly<SearchCost> {
  readonly ms: number
}

const MARGIN = ' '.repeat(6)

/** "fit 0.83 (meaning 0.61, words 0.40) · experience ×1.12 · round trip ×1.05 (12 ms)", and the way it was found. */
export function renderExplanation({ candidate, parts }: Preferred, { palette }: Style): string[] {
  const { similarity, words, acquaintance = {} } = candidate
  const { reputation, rttMs } = acquaintance
  const why = [
    `fit ${parts.fit.toFixed(2)} (meaning ${similarity.toFixed(2)}, words ${words.toFixed(2)})`,
    `experience ${times(parts.reputation)}${reputation === undefined ? ' (none yet)' : ''}`,
    `load ${times(parts.load)}`,
    `round trip ${times(parts.latency)}${rttMs === undefined ? ' (not connected)' : ` (${rttMs.toFixed(0)} ms)`}`,
    `cost ${times(parts.cost)}`,
  ]
  return [MARGIN + palette.quiet(why.join(' · ')), MARGIN + palette.quiet(wayOf(candidate))]
}

export function renderCost({ lookups, messages, bytes, ms }: Effort, { palette }: Style): string {
  const asked =
    lookups === 0
      ? 'known here: nobody was asked'
      : `asked the DHT: ${count(lookups, 'key')}, ${count(messages, 'message')}, ${size(bytes)}`
  return palette.quiet(`${asked} · ${seconds(ms)}`)
}

export const explanationAsJson = ({ preference, parts, candidate }: Preferred) => ({
  preference,
  parts: { ...parts, similarity: candidate.similarity, words: candidate.words },
  known: candidate.acquaintance ?? {},
  key: candidate.key,
})

export const costAsJson = ({ lookups, messages, bytes, ms }: Effort) => ({ type: 'cost', lookups, messages, bytes, ms })

const wayOf = ({ via, key }: Preferred['candidate']): string => {
  if (via === 'directory') return 'found in this peer’s own directory, which gossip fills'
  return key === undefined ? 'found in the DHT' : `found in the DHT, under “${plainText(key)}”`
}

const times = (factor: number): string => `×${factor.toFixed(2)}`
