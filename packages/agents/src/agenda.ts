/** What one peer sees of a space, what it may have to do there, and when: the words in which decisions are made. */
import type { Conflict, Records } from '@amp-mesh/context'
import type { Genesis, LogId, PublicKey, Rec } from '@amp-mesh/protocol'

/** One agent of this peer, as its host sees it. */
export interface Seat {
  readonly name: string
  /**
   * able: judged itself fit, has not offered yet; offered; silent: joined without an offer (not fit, or outbid);
   * parked: failed too often.
   */
  readonly stage: 'able' | 'offered' | 'silent' | 'parked'
  /** 0..1, of its offer to come. */
  readonly confidence: number
  /** Something was said since its last turn. */
  readonly news: boolean
  /** In a call, or resting after a failure. */
  readonly busy: boolean
  readonly verifies: boolean
  /** Needs it was asked about already. */
  readonly considered: ReadonlySet<string>
}

/** Everything a decision rests on. Times are ages of the space, ms. */
export interface Scene {
  readonly age: number
  readonly self: PublicKey
  readonly genesis: Genesis
  readonly records: Records
  /** Authors that do not answer, and since when. */
  readonly suspected: ReadonlyMap<PublicKey, number>
  readonly seats: readonly Seat[]
  /** Facts, conflicts … that this peer has taken up already. */
  readonly done: ReadonlySet<string>
  /** Duties of this peer that are under way, the contributions of its agents left out. */
  readonly running: number
  /** When the last record came that may give somebody something to add. */
  readonly lastNews: number
  /** When this peer first saw a thing: a record's id, a conflict's id. */
  since(thing: string): number
}

export type Duty =
  | { do: 'stop'; why: 'cancelled' | 'budget spent' | 'concluded' }
  | { do: 'offer' | 'stay silent' | 'contribute'; agent: string }
  | { do: 'settle'; agent: string; heads: [LogId, number][] }
  | { do: 'consider'; agent: string; need: Rec<'need'> }
  | { do: 'conclude'; agent: string; partial: boolean }
  /** Derive this fact again. */
  | { do: 'verify'; fact: Rec<'fact'> }
  /** Support the conclusion: as a verifier's word it carries its vote, and with enough of them the answer is final. */
  | { do: 'endorse'; synthesis: Rec<'synthesis'> }
  /** Write the `conflict` record. */
  | { do: 'point out'; conflict: Conflict }
  /** Check both sides; `last`: everybody else had a chance, so say it is disputed if you can't tell either. */
  | { do: 'mediate'; conflict: Declared; agent: string; last: boolean }

/** A contradiction somebody wrote a `conflict` record about. */
export type Declared = Conflict & { record: Rec<'conflict'> }

/** What to do now, and the ages at which to look again even if nothing happens. */
export interface Agenda {
  readonly duties: readonly Duty[]
  readonly later: readonly number[]
}

export const nothing: Agenda = { duties: [], later: [] }

/** `duty` now if its time has come, later otherwise. */
export const at = (due: number, age: number, duty: Duty): Agenda =>
  due <= age ? { duties: [duty], later: [] } : { duties: [], later: [due] }

export const joined = (agendas: readonly Agenda[]): Agenda => ({
  duties: agendas.flatMap(({ duties }) => duties),
  later: agendas.flatMap(({ later }) => later),
})
