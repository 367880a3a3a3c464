/** A space as one peer holds it: ledger, store, sync and index joined. Nothing is emitted or sent before it is durable. */
import type {
  Cancel,
  Clock,
  Genesis,
  Identity,
  LedgerCode,
  Logger,
  Message,
  Op,
  PeerId,
  PublicKey,
  Random,
  Rec,
  SpaceId,
  Storage,
  Verify,
} from '@amp-mesh/protocol'
import { AmpError, decodeGenesis, spaceIdOf } from '@amp-mesh/protocol'
import { type RecordHead, Records } from './records.ts'

/** What travels between two replicas of a space. */
export type SyncMessage = Message<'heads' | 'want' | 'segment' | 'proof' | 'busy'>

export interface ReplicaInit {
  genesis: Uint8Array
  storage: Storage
  identity: Identity
  verify: Verify
  clock: Clock
  random: Random
  logger: Logger
  /** Hands a message to the connection; must not throw. A message that is lost is made up for by the next heads. */
  send(peer: PeerId, message: SyncMessage): void
  /** A neighbour sent something that no honest peer sends. */
  onStrike?(peer: PeerId, code: LedgerCode): void
  /** Of a key whose segments wait: may this peer, a verifier, admit it now (a connected peer of the mesh)? Default: no. */
  mayAdmit?(pub: PublicKey): boolean
}

export class Replica {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly records: Records

  /** Opens a space from what is stored of it; rejects with `damaged-store`. */
  static async open(init: ReplicaInit): Promise<Replica> {
    return new Replica(init)
  }

  private constructor(init: ReplicaInit) {
    this.id = spaceIdOf(init.genesis)
    this.genesis = decodeGenesis(init.genesis)
    this.records = new Records()
  }

  /** Resolves with the records once they are durable; then sends them. Rejects with `bad-input`, `quota`, `stopped`, `damaged-store`. */
  append(_ops: readonly Op[]): Promise<Rec[]> {
    return Promise.reject(new AmpError('stopped'))
  }

  /** Takes a neighbour's message. Never rejects on foreign input: strikes are told to `onStrike`. */
  async receive(_from: PeerId, _message: SyncMessage): Promise<void> {}

  /** A peer of this space came into reach, or left it. */
  neighbour(_peer: PeerId, _present: boolean): void {}

  /** Calls `listener` with records as they become durable, own ones too. */
  subscribe(_listener: (news: readonly Rec[]) => void): Cancel {
    return () => {}
  }

  /** Takes a segment that came by another way: the question inside a broadcast. */
  async importSegment(_bytes: Uint8Array): Promise<void> {}

  /** The founder's first segment, to be sent inside a broadcast; undefined until it is here. */
  questionSegment(): Uint8Array | undefined {
    return undefined
  }

  /** How far each log reaches: what a `settle` names. */
  heads(): readonly RecordHead[] {
    return this.records.heads()
  }

  /** Whether others take what this peer writes: it is a verifier or writer, or was admitted. */
  get admitted(): boolean {
    return false
  }

  /** Flushes and ends all timers. */
  async close(): Promise<void> {}
}
