/** A space this peer takes part in: its replica, wired to the members that are connected now. */
import { cancelled, conclusion, Replica, type SyncMessage } from '@amp-mesh/context'
import {
  AmpError,
  type Cancel,
  type Clock,
  decodeGenesis,
  type Genesis,
  type Hash,
  type Identity,
  type Logger,
  type Message,
  type PeerId,
  peerIdOf,
  publicKeyOf,
  type Random,
  type Rec,
  type SpaceId,
  type Storage,
  type Verify,
} from '@amp-mesh/protocol'
import type { Space } from './contract.ts'

/** What spaces need of the peer they live on. */
export interface SpaceWorld {
  identity: Identity
  verify: Verify
  hash?: Hash
  clock: Clock
  random: Random
  logger: Logger
  storage: Storage
  /** Peers linked to us now, and those that don't answer. */
  linked(): PeerId[]
  isLinked(peer: PeerId): boolean
  isSuspected(peer: PeerId): boolean
  post(peer: PeerId, message: Message): boolean
  /** Gossips a question to the whole mesh. */
  spread(question: Message<'broadcast'>): void
  /** Keep a connection to this peer if that can be had. */
  want(peer: PeerId): void
  onRecord(space: SpaceId, record: Rec): void
  onRefused(peer: PeerId, code: string): void
}

/** What went over the wire for one space. */
export interface Traffic {
  messages: number
  bytes: number
}

/** A member that lacks the space is sent the question again at most this often, ms. */
const RESEND_MS = 2_000

export class LiveSpace implements Space {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly replica: Replica
  readonly traffic: Traffic = { messages: 0, bytes: 0 }
  readonly #world: SpaceWorld
  readonly #genesisBytes: Uint8Array
  readonly #firstSeen: number
  readonly #members = new Set<PeerId>()
  readonly #neighbours = new Set<PeerId>()
  readonly #resentAt = new Map<PeerId, number>()
  readonly #suspicionListeners = new Set<() => void>()
  readonly #unsubscribe: Cancel
  #spread = false

  /** `question`: the founder's first segment; absent when the space is reopened or made here. */
  static async open(world: SpaceWorld, genesisBytes: Uint8Array, question?: Uint8Array): Promise<LiveSpace> {
    const { identity, verify, hash, clock, random, logger, storage } = world
    const genesis = decodeGenesis(genesisBytes)
    const replica: Replica = await Replica.open({
      genesis: genesisBytes,
      storage,
      identity,
      verify,
      ...(hash && { hash }),
      clock,
      random,
      logger,
      send: (peer, message) => world.post(peer, message),
      // A writer must be a peer of this mesh that we are linked to: noise proved its key.
      mayAdmit: pub => world.isLinked(peerIdOf(pub)),
      onStrike: (peer, code) => world.onRefused(peer, code),
    })
    if (question !== undefined) await replica.importSegment(question)
    return new LiveSpace(world, genesis, genesisBytes, replica)
  }

  private constructor(world: SpaceWorld, genesis: Genesis, genesisBytes: Uint8Array, replica: Replica) {
    this.#world = world
    this.id = replica.id
    this.genesis = genesis
    this.replica = replica
    this.#genesisBytes = genesisBytes
    this.#firstSeen = world.clock.now()
    for (const { pub } of genesis.verifiers) this.#addMember(peerIdOf(pub))
    for (const pub of genesis.writers ?? []) this.#addMember(peerIdOf(pub))
    this.#learn(replica.records.all())
    this.#unsubscribe = replica.subscribe(news => {
      this.#learn(news)
      for (const record of news) world.onRecord(this.id, record)
    })
  }

  members(): PeerId[] {
    return [...this.#members]
  }

  suspected(): ReadonlySet<PeerId> {
    return new Set([...this.#members].filter(peer => this.#world.isSuspected(peer)))
  }

  onSuspicion(listener: () => void): Cancel {
    this.#suspicionListeners.add(listener)
    return () => this.#suspicionListeners.delete(listener)
  }

  /** Within its budget and neither concluded nor cancelled. */
  isRunning(): boolean {
    const { records } = this.replica
    const ended = conclusion(records, this.genesis).synthesis ?? cancelled(records, this.genesis)
    return this.age() < this.genesis.budget.ms && ended === undefined
  }

  age(): number {
    return this.#world.clock.now() - this.#firstSeen
  }

  /**
   * The message that lets another peer join (the question survives its asker); undefined in a space without question.
   */
  invitation(): Message<'broadcast'> | undefined {
    const asked = this.replica.questionSegment()
    if (asked === undefined) return undefined
    const time = this.#world.clock.now()
    return { type: 'broadcast', id: this.id, time, space: this.id, genesis: this.#genesisBytes, question: asked }
  }

  linkUp(peer: PeerId): void {
    if (this.#members.has(peer)) this.#addNeighbour(peer)
    else this.#welcome(peer)
  }

  linkDown(peer: PeerId): void {
    if (this.#neighbours.delete(peer)) this.replica.neighbour(peer, false)
  }

  suspicionChanged(peer: PeerId): void {
    if (!this.#members.has(peer)) return
    for (const listener of this.#suspicionListeners) listener()
    this.#survive(peer)
  }

  /** Anybody of the mesh may follow an open space; a closed one is for its members. */
  async receive(from: PeerId, message: SyncMessage): Promise<void> {
    if (!this.genesis.open && !this.#members.has(from)) throw new AmpError('not-allowed')
    this.#addNeighbour(from)
    await this.replica.receive(from, message)
  }

  /**
   * A peer said that it does not know this space: it left, missed the broadcast, or lost its disk. It is sent nothing
   * more; a member is asked to come back while the question is open.
   */
  lacking(peer: PeerId): void {
    if (this.#neighbours.delete(peer)) this.replica.neighbour(peer, false)
    const now = this.#world.clock.now()
    if (!this.#members.has(peer) || !this.isRunning() || now - (this.#resentAt.get(peer) ?? 0) < RESEND_MS) return
    this.#resentAt.set(peer, now)
    const invitation = this.invitation()
    if (invitation !== undefined) this.#world.post(peer, invitation)
  }

  count(bytes: number): void {
    this.traffic.messages++
    this.traffic.bytes += bytes
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    await this.replica.close()
  }

  /**
   * Somebody new came into reach while the question is open: the founder tells it, or everybody once the founder is
   * gone.
   */
  #welcome(peer: PeerId): void {
    const founder = peerIdOf(this.genesis.founder)
    const mine = founder === this.#world.identity.peerId || this.#world.isSuspected(founder)
    const invitation = mine && this.genesis.open && this.isRunning() ? this.invitation() : undefined
    if (invitation !== undefined) this.#world.post(peer, invitation)
  }

  /** The asker may have died while it told its question: whoever knows it tells everybody. */
  #survive(peer: PeerId): void {
    const orphaned = publicKeyOf(peer) === this.genesis.founder && this.#world.isSuspected(peer)
    if (!orphaned || this.#spread || !this.isRunning()) return
    const invitation = this.invitation()
    if (invitation === undefined) return
    this.#spread = true
    this.#world.spread(invitation)
  }

  #learn(records: Iterable<Rec>): void {
    for (const record of records) {
      this.#addMember(peerIdOf(record.by))
      if (record.op.k === 'admit') this.#addMember(peerIdOf(record.op.pub))
    }
  }

  #addMember(peer: PeerId): void {
    if (this.#members.has(peer) || publicKeyOf(peer) === this.#world.identity.publicKey) return
    this.#members.add(peer)
    if (this.#world.isLinked(peer)) this.#addNeighbour(peer)
    else this.#world.want(peer)
  }

  #addNeighbour(peer: PeerId): void {
    if (this.#neighbours.has(peer) || !this.#world.isLinked(peer)) return
    this.#neighbours.add(peer)
    this.replica.neighbour(peer, true)
  }
}
