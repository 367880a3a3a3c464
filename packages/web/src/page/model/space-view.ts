/** One question as the page shows it: a pure fold of a space's records. Equal records, equal pages. */
import { conflicts, isFallen, offers, question, type Records, speakerId, unsettled } from '@amp-mesh/context'
import type { Genesis, PublicKey, Rec, RecordId, SpaceId } from '@amp-mesh/protocol'
import { type Citation, type Contribution, citation, contributions, repliesTo, type Telling } from './contribution.ts'
import { legible } from './legible.ts'
import { type Stage, stageOf } from './stage.ts'
import { type SynthesisView, synthesisView } from './synthesis-view.ts'
import { type Voice, voicesOf } from './voice.ts'

export interface SpaceView {
  readonly id: SpaceId
  /** The record of the question: what offers and proposals answer. */
  readonly question: RecordId | undefined
  readonly query: string
  readonly goal: string
  readonly asker: Voice | undefined
  /** ms since the epoch; 0 when the question is not here. */
  readonly askedAt: number
  readonly budgetMs: number
  readonly stage: Stage
  readonly records: number
  /** Records of kinds this version does not know. */
  readonly unreadable: number
  readonly offers: readonly OfferView[]
  readonly conflicts: readonly ConflictView[]
  /** Proposals and whatever else was said to the question, with what was built on them. */
  readonly said: readonly Contribution[]
  /** Facts, apart: there are many, and the others cite them. */
  readonly facts: readonly Contribution[]
  /** Contributions that are not drawn. */
  readonly left: number
  readonly synthesis: SynthesisView | undefined
}

export interface OfferView {
  readonly id: RecordId
  readonly who: Voice
  /** 0..1 */
  readonly confidence: number
  readonly words: string
  /** It has nothing more to add. */
  readonly settled: boolean
}

export interface ConflictView {
  readonly id: string
  readonly why: string
  readonly settled: boolean
  readonly sides: readonly (Citation & { readonly stands: boolean })[]
  /** What mediators said. */
  readonly replies: readonly Contribution[]
}

export interface SpaceSource {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly records: Records
}

const MOST_OFFERS = 64
const MOST_CONFLICTS = 32

/** `now`: ms since the epoch. `self`: the key of the peer in this tab. */
export function spaceView({ id, genesis, records }: SpaceSource, now: number, self?: PublicKey): SpaceView {
  const asked = question(records, genesis)
  const voice = voicesOf(records.all(), self)
  const telling: Telling = { records, genesis, voice, start: asked?.time ?? 0 }
  const { trees, left } = contributions(telling)
  return {
    id,
    question: asked?.id,
    query: legible(asked?.op.query ?? genesis.name, 2_048),
    goal: legible(asked?.op.goal ?? '', 1_024),
    asker: asked === undefined ? undefined : voice(asked),
    askedAt: asked?.time ?? 0,
    budgetMs: genesis.budget.ms,
    stage: stageOf(records, genesis, now),
    records: records.size,
    unreadable: records.opaque,
    offers: offerViews(telling),
    conflicts: conflictViews(telling),
    said: trees.filter(({ kind }) => kind !== 'fact'),
    facts: trees.filter(({ kind }) => kind === 'fact'),
    left,
    synthesis: synthesisView(telling),
  }
}

function offerViews({ records, voice }: Telling): OfferView[] {
  const adding = new Set(unsettled(records, new Set()).map(speakerId))
  return offers(records)
    .slice(0, MOST_OFFERS)
    .map(offer => ({
      id: offer.id,
      who: voice(offer),
      confidence: offer.op.confidence,
      words: legible(offer.op.offer, 1_024),
      settled: !adding.has(voice(offer).id),
    }))
    .sort((a, b) => b.confidence - a.confidence)
}

/** Declared ones, and contradictions nobody has pointed out yet. */
function conflictViews(telling: Telling): ConflictView[] {
  const { records, genesis } = telling
  const all = conflicts(records, genesis)
  const declared = new Set(all.flatMap(({ record }) => record?.op.a ?? []))
  const isTold = (sides: readonly (readonly Rec[])[]) => sides.every(side => side.some(({ id }) => declared.has(id)))
  return all
    .filter(({ record, sides }) => record !== undefined || !isTold(sides))
    .slice(0, MOST_CONFLICTS)
    .map(({ id, record, sides, state }) => ({
      id,
      why: legible(record?.op.why ?? 'these exclude each other', 1_024),
      settled: state === 'settled',
      sides: sides.slice(0, 8).flatMap(([first]) => (first === undefined ? [] : [sideOf(first, telling)])),
      replies: record === undefined ? [] : repliesTo(record.id, telling),
    }))
}

const sideOf = (record: Rec, telling: Telling) => ({
  ...citation(record.id, telling),
  stands: !isFallen(telling.records, telling.genesis, record.id),
})
