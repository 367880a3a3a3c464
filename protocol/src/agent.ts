/** What an agent is: a value. A name, capabilities in words, and what it does when a collaboration needs it. */
import type { Capability } from './agent-card.ts'
import type { Json } from './canonical-json.ts'
import type { Graph, Status } from './graph.ts'
import type { AgentId, PeerId, RecordId, SpaceId } from './ids.ts'
import type { Embedder, Logger, Model } from './ports.ts'
import type { Op, Rec } from './vocabulary.ts'

export interface Question {
  readonly id: RecordId
  readonly query: string
  readonly goal?: string
  readonly requirements?: readonly string[]
  /** What the asker gave along: a folder, a document … Untrusted. */
  readonly context?: Json
}

/** What an agent may read: the records of the space it is in, and what they amount to. */
export interface Knowledge {
  readonly space: SpaceId
  readonly question: Question
  records(): Iterable<Rec>
  get(id: RecordId): Rec | undefined
  /** Live records of a kind: not retracted, not superseded. In order of time. */
  of<K extends Op['k']>(kind: K): Rec<K>[]
  status(id: RecordId): Status
  /** `amp://…` of whoever said it. */
  speaker(record: Rec): AgentId
}

/**
 * What an agent may say. Each resolves to the record's id once it is stored, or to undefined when the space holds the
 * same thing already (idea 4 of ARCHITECTURE.md §5): saying it again would be noise.
 */
export interface Speech {
  propose(content: string, options?: { references?: RecordId[]; confidence?: number }): Promise<RecordId | undefined>
  buildOn(parent: RecordId, content: string, options?: { references?: RecordId[] }): Promise<RecordId | undefined>
  concern(parent: RecordId, content: string): Promise<RecordId | undefined>
  need(content: string, options?: { parent?: RecordId; capability?: string }): Promise<RecordId | undefined>
  fact(fact: {
    s: string
    p: string
    o: Json
    text?: string
    conf?: number
    src?: Json
    slot?: string
  }): Promise<RecordId | undefined>
  conflict(records: RecordId[], why?: string): Promise<RecordId | undefined>
  retract(own: RecordId): Promise<RecordId | undefined>
  /** Shares contents larger than a record, up to 16 MiB, as an `artifact`; cite it like any other record. */
  share(name: string, mediaType: string, bytes: Uint8Array): Promise<RecordId | undefined>
}

/** One call of an agent: what is new, what is known, how to speak, when to stop. */
export interface Turn {
  /** The agent itself, `amp://…`: what it said earlier is what `knowledge.speaker` names so. */
  readonly self: AgentId
  readonly question: Question
  /** Records of others since this agent's last turn; in the first turn, all there are. */
  readonly news: readonly Rec[]
  readonly knowledge: Knowledge
  readonly say: Speech
  /** The knowledge graph of the space: more to say, and answers by pattern, neighbourhood and meaning. */
  readonly graph: Graph
  readonly model?: Model
  readonly embedder: Embedder
  readonly log: Logger
  /** Aborts when the question is cancelled, the budget is spent or the peer stops. */
  readonly signal: AbortSignal
}

export interface Offer {
  /** 0..1: how sure the agent is that it can help. */
  confidence: number
  /** What it would do, in words. */
  offer: string
  bid?: { ms?: number; tokens?: number; cost?: number }
}

export interface Verdict {
  /** 1 supports, -1 refutes, 0: looked and can't tell (not written). */
  v: 1 | -1 | 0
  why?: string
  ev?: string[]
}

export interface Conclusion {
  content: string
  claims: { text: string; references: RecordId[] }[]
}

/** A message of another agent, straight to this one: what `peer.receive` hands over (packages/peer). */
export interface Mail {
  readonly message: Json
  /** Who sent it: its peer, proved; and which of that peer's agents, if it says so. */
  readonly from: PeerId
  readonly agent?: AgentId
  /** Idempotency id, unique within the sender: the same when a message is handled again after a crash. */
  readonly key: string
  /** Aborts when the deadline passes or the peer stops. */
  readonly signal: AbortSignal
  /** Notes something on this peer's disk, together with the message's outcome: all or nothing, once for a message. */
  keep(key: string, value: Json): void
  /** What was kept under `key`. */
  kept(key: string): Promise<Json | undefined>
}

/** What goes back to the sender. */
export type Reply = Json | undefined | Promise<Json | undefined> | void | Promise<void>

/**
 * An agent is a value; `hostAgents` puts it on a peer. Only `contribute` must be there: offers come from the
 * similarity of question and capabilities, the synthesis from what the space holds.
 */
export interface Agent {
  readonly name: string
  readonly description?: string
  readonly capabilities: readonly Capability[]
  readonly operator?: string
  /** Judges the question. Undefined: it is not for me. Default: similarity of words. */
  offer?(
    question: Question,
    turn: Pick<Turn, 'embedder' | 'model' | 'signal'>,
  ): Promise<Offer | undefined> | Offer | undefined
  /**
   * Adds what it has to add to what is there, and returns when it has nothing more for now. Called first with
   * everything, then again whenever others said something new.
   */
  contribute(turn: Turn): Promise<void>
  /** Judges another's fact by deriving it again. Undefined: can't judge this kind of fact. */
  verify?(fact: Rec<'fact'>, turn: Turn): Promise<Verdict | undefined>
  /** Handles a message sent straight to this agent; its answer goes back. Without it nobody can write to it. */
  receive?(mail: Mail): Reply
  /** Words the conclusion when this agent's peer coordinates. Default: the proposals and what was built on them. */
  synthesise?(turn: Turn): Promise<Conclusion>
}
