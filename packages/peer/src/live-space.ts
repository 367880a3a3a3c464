/** A space this peer takes part in: its replica, wired to the members that are connected now. */
import {
  type ArtifactMessage,
  Artifacts,
  cancelled,
  conclusion,
  LedgerGraph,
  Replica,
  type SyncMessage,
} from '@amp-mesh/context'
import {
  AmpError,
  type Cancel,
  type Clock,
  type Embedder,
  type Genesis,
  type Hash,
  type Identity,
  type Logger,
  type Message,
  type PeerId,
  peerIdOf,
  portableHash,
  publicKeyOf,
  type Random,
  type Rec,
  type RecordId,
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
  embedder: Embedder
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

/** What a space is made of once it is read from disk. */
interface Opened {
  replica: Replica
  artifacts: Artifacts
  neighbours: Set<PeerId>
}

/** A member that lacks the space is sent the question again at most this often, ms. */
const RESEND_MS = 2_000

export interface LiveSpaceInit {
  genesis: Uint8Array
  /** The founder's first segment; absent when the space is reopened or made here. */
  question?: Uint8Array | undefined
  /** `traceparent` that came with the question. */
  trace?: string | undefined
  /** Every peer of the mesh is a neighbour, and nobody is sought for: the commons. Default: members only. */
  everybody?: boolean
  /** When this peer first saw it, ms since the epoch (default: now). A budget that is spent stays so over restarts. */
  since?: number
  /** This peer founds it at this moment: nobody else knows of it, or is met in it, before `makeKnown`. */
  founded?: boolean
}

export class LiveSpace implements Space {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly replica: Replica
  readonly graph: LedgerGraph
  readonly traffic: Traffic = { messages: 0, bytes: 0 }
  trace: string | undefined
  readonly #world: SpaceWorld
  readonly #genesisBytes: Uint8Array
  readonly #everybody: boolean
  readonly #firstSeen: number
  readonly #members = new Set<PeerId>()
  readonly #neighbours: Set<PeerId>
  readonly #artifacts: Artifacts
  readonly #resentAt = new Map<PeerId, number>()
  readonly #suspicionListeners = new Set<() => void>()
  readonly #unsubscribe: Cancel
  #spread = false
  /** Others were told of it, or may have been. */
  #known: boolean

  static async open(world: SpaceWorld, init: LiveSpaceInit): Promise<LiveSpace> {
    const { identity, verify, hash, clock, random, logger, storage } = world
    const replica: Replica = await Replica.open({
      genesis: init.genesis,
      storage,
      identity,
      verify,
      ...(hash && { hash }),
      ...(init.founded && { founded: true }),
      clock,
      random,
      logger,
      send: (peer, message) => world.post(peer, message),
      // A writer must be a peer of this mesh that we are linked to: noise proved its key.
      mayAdmit: pub => world.isLinked(peerIdOf(pub)),
      onStrike: (peer, code) => world.onRefused(peer, code),
    })
    if (init.question !== undefined) await replica.importSegment(init.question)
    const neighbours = new Set<PeerId>()
    const artifacts = await Artifacts.open({
      ...world,
      space: replica.id,
      self: identity.publicKey,
      records: replica.records,
      hash: hash ?? portableHash,
      append: ops => replica.append(ops),
      neighbours: () => [...neighbours],
      send: (peer, message) => world.post(peer, message),
      onLie: peer => world.onRefused(peer, 'bad-chunk'),
    })
    return new LiveSpace(world, init, { replica, artifacts, neighbours })
  }

  private constructor(world: SpaceWorld, init: LiveSpaceInit, { replica, artifacts, neighbours }: Opened) {
    const { genesis } = replica // that very object: views are remembered by it
    const { identity, embedder, clock } = world
    this.#world = world
    this.#artifacts = artifacts
    this.#neighbours = neighbours
    this.id = replica.id
    this.genesis = genesis
    this.replica = replica
    this.graph = new LedgerGraph({
      genesis,
      replica,
      append: ops => replica.append(ops),
      self: identity.publicKey,
      embedder,
      clock,
    })
    this.#genesisBytes = init.genesis
    this.trace = init.trace
    this.#everybody = init.everybody ?? false
    this.#known = !init.founded
    this.#firstSeen = Math.min(init.since ?? Number.POSITIVE_INFINITY, clock.now()) // clocks are put back
    for (const { pub } of genesis.verifiers) this.#addMember(peerIdOf(pub))
    for (const pub of genesis.writers ?? []) this.#addMember(peerIdOf(pub))
    this.#learn(replica.records.all())
    this.#unsubscribe = replica.subscribe(news => {
      this.#learn(news)
      for (const record of news) world.onRecord(this.id, record)
      this.#noteArtifacts(news)
    })
    this.#noteArtifacts()
  }

  putArtifact(name: string, mediaType: string, bytes: Uint8Array, agent?: string): Promise<Rec<'artifact'>> {
    return this.#artifacts.put(name, mediaType, bytes, agent)
  }

  artifact(id: RecordId, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#artifacts.get(id, signal)
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

  /** A question that is still open, and in which this peer wrote. */
  isBusy(): boolean {
    const { records } = this.replica
    const spoke = [...records.all()].some(({ by, op }) => by === this.#world.identity.publicKey && op.k !== 'ack')
    return spoke && this.isRunning()
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
    const { id, trace } = this
    const question = { genesis: this.#genesisBytes, question: asked, ...(trace !== undefined && { trace }) }
    return { type: 'broadcast', id, time, space: id, ...question }
  }

  /** The founder has told it: from now on its members are met. What they hear of it first is not a riddle to them. */
  makeKnown(): void {
    this.#known = true
    for (const peer of this.#members) this.#addNeighbour(peer)
  }

  linkUp(peer: PeerId): void {
    if (this.#everybody || this.#members.has(peer)) this.#addNeighbour(peer)
    else this.#welcome(peer)
  }

  linkDown(peer: PeerId): void {
    if (!this.#neighbours.delete(peer)) return
    this.replica.neighbour(peer, false)
    this.#artifacts.leave(peer)
  }

  suspicionChanged(peer: PeerId): void {
    if (!this.#members.has(peer)) return
    for (const listener of this.#suspicionListeners) listener()
    this.#survive(peer)
  }

  /** Anybody of the mesh may follow an open space; a closed one is for its members. */
  async receive(from: PeerId, message: SyncMessage | ArtifactMessage): Promise<void> {
    if (!this.genesis.open && !this.#members.has(from)) throw new AmpError('not-allowed')
    this.#addNeighbour(from)
    if (message.type === 'chunk' || message.type === 'chunk_want') await this.#artifacts.receive(from, message)
    else await this.replica.receive(from, message)
  }

  /**
   * A peer said that it does not know this space: it left, missed the broadcast, or lost its disk. It is sent nothing
   * more; a member is asked to come back within the time of the question.
   */
  lacking(peer: PeerId): void {
    const invitation = this.invitation()
    const now = this.#world.clock.now()
    const isAwaited = this.#members.has(peer) && this.age() < this.genesis.budget.ms
    // without a question yet, or asked a moment ago, it stays a neighbour: what is said next makes it say so again
    if (invitation === undefined || (isAwaited && now - (this.#resentAt.get(peer) ?? 0) < RESEND_MS)) return
    if (this.#neighbours.delete(peer)) this.replica.neighbour(peer, false)
    if (!isAwaited) return
    this.#resentAt.set(peer, now)
    this.#world.post(peer, invitation)
  }

  count(bytes: number): void {
    this.traffic.messages++
    this.traffic.bytes += bytes
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    await Promise.all([this.#artifacts.close(), this.replica.close()])
  }

  /**
   * Somebody new came into reach while the question is open: the founder tells it, or everybody once the founder is
   * gone.
   */
  #welcome(peer: PeerId): void {
    const founder = peerIdOf(this.genesis.founder)
    const mine = founder === this.#world.identity.peerId || this.#world.isSuspected(founder)
    const invitation = mine && this.#known && this.genesis.open && this.isRunning() ? this.invitation() : undefined
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
    else if (!this.#everybody) this.#world.want(peer)
  }

  #addNeighbour(peer: PeerId): void {
    if (!this.#known || this.#neighbours.has(peer) || !this.#world.isLinked(peer)) return
    this.#neighbours.add(peer)
    this.replica.neighbour(peer, true)
    this.#noteArtifacts()
  }

  #noteArtifacts(news?: readonly Rec[]): void {
    this.#artifacts.note(news).catch(error => {
      this.#world.logger.error('artifacts could not be stored', { space: this.id, error: String(error) })
    })
  }
}
