/**
 * What a peer is to those above it (agents, command line, page): the interfaces `Peer` and `Space`, and what they tell.
 */
import type { LedgerGraph, Replica } from '@amp-mesh/context'
import type { Candidate, FindOptions } from '@amp-mesh/discovery'
import type {
  AgentCard,
  AgentId,
  Cancel,
  Capability,
  Clock,
  Code,
  Embedder,
  Genesis,
  Graph,
  Identity,
  Json,
  Logger,
  Mail,
  MeshFile,
  MeshId,
  Metrics,
  Model,
  PeerId,
  Random,
  Rec,
  RecordId,
  Reply,
  SpaceId,
  Tracer,
  Transport,
} from '@amp-mesh/protocol'
import type { Absence } from './failure-detector.ts'
import type { Remembered } from './remembered.ts'
import type { Traffic } from './traffic.ts'

/** A collaboration this peer takes part in. Its records and views are `replica.records`. */
export interface Space {
  readonly id: SpaceId
  readonly genesis: Genesis
  /** Of the trace of its question, where its asker began one: W3C `traceparent`, unchecked. */
  readonly trace?: string | undefined
  /** The ledger: `records` to read, `append` to say something (durable, then sent), `subscribe` to hear news. */
  readonly replica: Pick<Replica, 'records' | 'append' | 'subscribe'>
  /**
   * Shares contents larger than a record: up to 16 MiB. Resolves with their record once both are durable here. Rejects
   * with `bad-input`, `too-large` or `quota`. `agent`: who shares it, by its name on this peer.
   */
  putArtifact(name: string, mediaType: string, bytes: Uint8Array, agent?: string): Promise<Rec<'artifact'>>
  /**
   * The contents that a live `artifact` record describes, from this peer or from any member that holds them. Rejects
   * with `no-such-record`, `bad-input`, `unreachable` or the signal's reason.
   */
  artifact(id: RecordId, signal?: AbortSignal): Promise<Uint8Array>
  /** What is known here, to be asked by pattern, neighbourhood and meaning, and added to. */
  readonly graph: SpaceGraph
  /** Peers known to take part: verifiers and authors. */
  members(): PeerId[]
  /**
   * Members that don't answer now, suspected or gone. Decides only when somebody writes, never a view; and who writes
   * in another's place does so when that one's lease is over, never for a suspicion alone.
   */
  suspected(): ReadonlySet<PeerId>
  /** Called when `suspected` changes. */
  onSuspicion(listener: () => void): Cancel
  /** ms since this peer first saw the question. */
  age(): number
}

/** A space's graph; `spokenBy` is the same for an agent of this peer, whose name what it says carries. */
export type SpaceGraph = Graph & Pick<LedgerGraph, 'spokenBy'>

/** A question that reached this peer. Nothing is stored or sent until somebody joins. */
export interface Invitation {
  readonly space: SpaceId
  readonly genesis: Genesis
  /** The founder's `broadcast`. */
  readonly question: Rec<'broadcast'>
  /** Of its asker's trace: W3C `traceparent`, unchecked. */
  readonly trace?: string | undefined
  /** True when the genesis names this peer a verifier: then it joins even with nothing to offer. */
  readonly verifier: boolean
  join(): Promise<Space>
}

/** What an agent's host tells the mesh about one agent; the peer adds id, addresses, sequence, expiry and signature. */
export interface CardDraft {
  name: string
  description?: string
  capabilities: readonly Capability[]
  operator: string
  model: string
  cost?: AgentCard['cost']
  state: AgentCard['state']
}

export interface AskOptions {
  /** The question's budget, ms (default 30,000). What would overspend ends as a partial synthesis. */
  budgetMs?: number
  offerWindowMs?: number
  goal?: string
  requirements?: string[]
  /** Whom to ask: the best matches (default), or everybody. */
  scope?: 'best' | 'all'
  /** Given to the agents with the question, e.g. {dir: "/repo"}. */
  context?: Json
  /**
   * In which state that is, e.g. {head: "4ac1…"}: a question with a context is remembered only together with it, and
   * found again only while it is the same.
   */
  about?: Json
  /** What kind of agent is wanted, in words. */
  capability?: string
  /** A guest or tool the peer asks for: a label nobody vouches for. */
  via?: string
  /** Ask the agents even if the mesh knows the answer already (default: false). */
  fresh?: boolean
  signal?: AbortSignal
}

/** Something that happened in a question's space, as the asker saw it. `t`: ms since the broadcast. */
export type Happening = { t: number; from: PeerId; agent?: AgentId } & (
  | { type: 'broadcast'; space: SpaceId; record: Rec<'broadcast'>; asked: PeerId[] }
  | { type: Exclude<Rec['op']['k'], 'broadcast'>; space: SpaceId; record: Rec }
  /** Too few offered: the question went to others as well. */
  | { type: 'wave'; space: SpaceId; peers: readonly PeerId[]; everybody: boolean }
  | { type: 'suspected'; peer: PeerId }
  | ({ type: 'done' } & Answer)
)

/** How a question ended. */
export interface Answer {
  space: SpaceId
  outcome: 'concluded' | 'partial' | 'no-agents' | 'cancelled'
  /** The valid synthesis, if there is one; of a question answered from commons only if this peer has its space. */
  synthesis?: Rec<'synthesis'>
  /** Nobody was asked: the mesh knew this already. `space` is where it was found. */
  commons?: Remembered
  /** Peers other than the asker's that said something in the space, more than what they hold of it. */
  peers: number
  firstOfferMs?: number
  concludedMs: number
  records: number
  /** AMP and sync messages this peer sent and received for the question, and their bytes. */
  messages: number
  bytes: number
}

/** Iterate it for what happens; it ends after `done`. */
export interface Asking extends AsyncIterable<Happening> {
  readonly space: Promise<SpaceId>
  readonly answer: Promise<Answer>
}

export interface PeerInfo {
  id: PeerId
  /**
   * reachable: connected and answering; suspected: it does not answer now; gone: it said goodbye, or has not answered
   * for long; known: by its cards only, nobody needed it yet.
   */
  state: 'reachable' | 'suspected' | 'gone' | 'known'
  /** Of one suspected or gone. */
  why?: Absence
  addresses: string[]
  agents: AgentCard[]
  /** Round trip of the last ping, ms. */
  rttMs?: number
  /** Of the connection to it, while there is one. */
  transport?: Transport
  /** Messages and bytes over that connection. */
  traffic?: Traffic
}

/** One stream of all that goes on in a peer, for people, tests and tools. `at`: ms since the epoch. */
export type Inspection = { at: number } & (
  | { event: 'connected' | 'recovered'; peer: PeerId }
  /** `code`: why the link ended, where the other side said so or this peer ended it. */
  | { event: 'disconnected'; peer: PeerId; code?: Code }
  | { event: 'suspected' | 'gone'; peer: PeerId; why: Absence }
  | { event: 'card'; agent: AgentId; state: AgentCard['state'] }
  | { event: 'invited'; space: SpaceId; query: string }
  | { event: 'joined' | 'left'; space: SpaceId }
  | { event: 'record'; space: SpaceId; record: Rec }
  | { event: 'refused'; peer: PeerId; code: string }
  /** Events dropped because this subscriber was too slow. */
  | { event: 'gap'; missed: number }
)

export interface Peer {
  /** Messages straight to one of its agents are for `receive`; absent in a peer put together without messages. */
  receive?(agent: string, receive: (mail: Mail) => Reply): Cancel
  readonly identity: Identity
  readonly mesh: { readonly id: MeshId; readonly file: MeshFile }
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: Metrics
  readonly tracer: Tracer
  readonly embedder: Embedder
  readonly model: Model | undefined
  addresses(): string[]
  /** Finish what is running, take nothing new, tell the mesh (cards `draining`, then `gone`), then stop. */
  drain(signal?: AbortSignal): Promise<void>
  /** Stop now; nothing acknowledged is lost. */
  stop(): Promise<void>
  ask(query: string, options?: AskOptions): Asking
  createSpace(init: { name: string; members: PeerId[] }): Promise<Space>
  spaces(): Space[]
  /** The space of the whole mesh, where what was found is kept for the next question. */
  readonly commons: Space
  space(id: SpaceId): Space | undefined
  /** Agents that can do it, as they are found: own directory first, then the DHT. */
  find(text: string, options?: FindOptions): AsyncIterable<Candidate>
  peers(): PeerInfo[]
  inspect(signal?: AbortSignal): AsyncIterable<Inspection>
  /** Sets the agents this peer announces (all of them; an empty list withdraws). */
  announce(agents: readonly CardDraft[]): Promise<void>
  /**
   * Calls `listener` for each fresh question that reaches this peer (its own too), and for spaces reopened from disk.
   */
  onInvitation(listener: (invitation: Invitation) => void): Cancel
}
