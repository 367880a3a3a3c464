/** The conclusion as the page tells it: headline, prose and claims, each claim with notes that lead to records. */
import { conclusion, status } from '@amp-mesh/context'
import type { RecordId } from '@amp-mesh/protocol'
import { type Citation, citation, type Telling } from './contribution.ts'
import { legible, paragraphs } from './legible.ts'
import type { Voice } from './voice.ts'

export interface SynthesisView {
  readonly id: RecordId
  readonly who: Voice
  readonly partial: boolean
  /** A quorum of the verifiers chose it, and nobody can take that back. */
  readonly isFinal: boolean
  readonly headline: string
  readonly prose: readonly string[]
  readonly claims: readonly Claim[]
  /** Each record that is cited, once, in order of its first mention; note n is `notes[n - 1]`. */
  readonly notes: readonly Citation[]
  /** ms since the question. */
  readonly at: number
}

export interface Claim {
  readonly text: string
  /** Numbers of notes. */
  readonly notes: readonly number[]
}

export function synthesisView(telling: Telling): SynthesisView | undefined {
  const { records, genesis, voice, start } = telling
  const { synthesis } = conclusion(records, genesis)
  if (synthesis === undefined) return undefined
  const { op, id, time } = synthesis
  const numbers = new Map<RecordId, number>()
  const numberOf = (cited: RecordId) => {
    const number = numbers.get(cited) ?? numbers.size + 1
    numbers.set(cited, number)
    return number
  }
  const claims = op.claims.map(({ text, references }) => ({
    text: legible(text, 2_048),
    notes: [...new Set(references)].map(numberOf),
  }))
  const repeated = new Set(claims.map(({ text }) => text))
  const [headline = 'The agents have concluded.', ...prose] = paragraphs(op.content)
  return {
    id,
    who: voice(synthesis),
    partial: op.partial === true,
    isFinal: status(records, genesis, id) === 'final',
    headline,
    prose: prose.filter(paragraph => !repeated.has(paragraph.replace(/^(\[\d+\]|-) +/, ''))),
    claims: claims.filter(({ text }) => text !== headline),
    notes: [...numbers.keys()].map(cited => citation(cited, telling)),
    at: Math.max(0, time - start),
  }
}
