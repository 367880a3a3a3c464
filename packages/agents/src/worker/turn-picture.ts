/** A turn as it travels to an agent elsewhere: what it knows, as it stood when the turn began. */
import {
  type AgentId,
  isKind,
  type Kind,
  type Knowledge,
  type Question,
  RECORDS,
  type Rec,
  type RecordId,
  type SpaceId,
  type Status,
  type Turn,
} from '@amp-mesh/protocol'

export interface TurnPicture extends MeansPicture {
  self: AgentId
  question: Question
  news: readonly Rec[]
  space: SpaceId
  records: RecordPicture[]
}

/** What an agent may think with; the things themselves stay with its peer. */
export interface MeansPicture {
  /** Number of the turn, to name it in calls back. */
  turn: number
  embedder: { id: string; dimensions: number }
  model?: string
}

export interface RecordPicture {
  record: Rec
  status: Status
  speaker: AgentId
  /** Neither retracted nor superseded. */
  live: boolean
}

const KINDS = Object.keys(RECORDS) as Kind[]

export const meansPicture = (turn: number, { embedder, model }: Pick<Turn, 'embedder' | 'model'>): MeansPicture => ({
  turn,
  embedder: { id: embedder.id, dimensions: embedder.dimensions },
  ...(model !== undefined && { model: model.id }),
})

export function turnPicture(number: number, turn: Turn): TurnPicture {
  const { self, question, news, knowledge } = turn
  const live = new Set(KINDS.flatMap(kind => knowledge.of(kind).map(({ id }) => id)))
  const records = [...knowledge.records()].map(record => recordPicture(knowledge, record, live.has(record.id)))
  return { ...meansPicture(number, turn), self, question, news, space: knowledge.space, records }
}

export const recordPicture = (knowledge: Knowledge, record: Rec, live: boolean): RecordPicture => ({
  record,
  status: knowledge.status(record.id),
  speaker: knowledge.speaker(record),
  live,
})

/** Knowledge as the picture shows it; `add` takes in what the agent says itself meanwhile. */
export function knowledgeIn({ space, question, records }: TurnPicture): Knowledge & { add(one: RecordPicture): void } {
  const all = new Map<RecordId, RecordPicture>(records.map(one => [one.record.id, one]))
  return {
    space,
    question,
    records: () => [...all.values()].map(({ record }) => record),
    get: id => all.get(id)?.record,
    of: <K extends Kind>(kind: K) =>
      [...all.values()].flatMap(({ record, live }) => (live && isKind(record, kind) ? [record] : [])),
    status: id => all.get(id)?.status ?? 'proposed',
    speaker: ({ id }) => all.get(id)?.speaker ?? '',
    add: one => all.set(one.record.id, one),
  }
}
