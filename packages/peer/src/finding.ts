/** Finding agents: the peer's part in the index of the mesh. It asks, publishes its own cards, and holds others'. */
import {
  type Bundle,
  type Candidate,
  CardIndex,
  CardReader,
  Codebook,
  type Directory,
  type FindOptions,
  find,
  Holder,
  hotCopies,
  type IndexStore,
  Publication,
  type PublicationCost,
  Routes,
  Standing,
  storeMessages,
} from '@amp-mesh/discovery'
import {
  type AgentId,
  type Clock,
  DISCOVERY_LIMITS,
  type Embedder,
  type Logger,
  type MeshId,
  type Network,
  type PeerId,
  parseAgentId,
  type Random,
  sha256,
  sleep,
  TRANSPORT_LIMITS,
  utf8,
  type Verify,
  withDeadline,
} from '@amp-mesh/protocol'
import { directoryIndex } from './directory-index.ts'
import { IndexExchange } from './index-exchange.ts'

export interface FindingInit {
  mesh: MeshId
  network: Network
  /** Name of the index protocol. */
  protocol: string
  directory: Directory
  embedder: Embedder
  verify: Verify
  clock: Clock
  random: Random
  logger: Logger
}

/** Between two looks at what is over and what is hot, ms. */
const LOOK_MS = 60_000
/** A peer that has come is given its buckets when it had time to get to know the mesh, ms. */
const SETTLE_MS = 2_000
/** Buckets looked through in one go when a peer has come. */
const AT_ONCE = 64

export class Finding {
  readonly index: CardIndex
  /** What this peer holds for the mesh; a browser holds nothing. */
  readonly holder: Holder | undefined
  readonly #init: FindingInit
  readonly #foundIndex: CardIndex
  readonly #reader: CardReader
  readonly #routes: Routes
  readonly #standing = new Standing()
  readonly #exchange: IndexExchange
  readonly #publication: Publication
  readonly #codebook: Codebook | undefined
  readonly #stopped = new AbortController()

  constructor(init: FindingInit) {
    this.#init = init
    const { mesh, network, directory, embedder, clock, logger, random } = init
    this.index = directoryIndex(directory, embedder, clock, logger)
    this.#foundIndex = new CardIndex({ embedder })
    this.#codebook = Codebook.of(embedder, this.#stopped.signal)
    this.#reader = new CardReader(init)
    this.#routes = new Routes({
      self: network.self,
      isRouted: network.isRouted,
      clock,
      near: (key, count) => network.near(key, count),
      nearer: (peer, key, signal) => network.nearer(peer, key, signal),
    })
    const salt = random.bytes(16)
    this.holder = network.isRouted
      ? new Holder({
          mesh,
          clock,
          read: signed => this.#reader.read(signed),
          isNear: (key, count) => this.#routes.isNear(key, count),
          lotOf: agent => lotOf(salt, agent),
        })
      : undefined
    this.#exchange = new IndexExchange({ ...init, holder: this.holder })
    this.#publication = new Publication({
      mesh,
      clock,
      random,
      routes: this.#routes,
      standing: this.#standing,
      store: (holder, message, signal) => this.#exchange.store(holder, message, signal),
    })
    directory.subscribe(({ card }) => {
      if (parseAgentId(card.agent).peer === network.self) this.#publish()
    })
  }

  /** What publishing its own cards has cost this peer, and how many are still waiting. */
  get published(): PublicationCost & { readonly waiting: number } {
    const { cost, waiting } = this.#publication
    return { ...cost, waiting }
  }

  find(text: string, options: FindOptions = {}): AsyncGenerator<Candidate, void, undefined> {
    const { mesh, clock, directory } = this.#init
    // not waited for: it helps those who ask next
    void this.#codebook?.prepare().catch(error => this.#noCodebook(error))
    return find(text, {
      mesh,
      clock,
      directory,
      index: this.index,
      foundIndex: this.#foundIndex,
      codebook: this.#codebook,
      routes: this.#routes,
      standing: this.#standing,
      read: signed => this.#reader.read(signed),
      query: (holder, query, signal) => this.#exchange.query(holder, query, signal),
      ...options,
    })
  }

  /** Publishes, forgets, and copies what is hot, until `stop`. */
  start(): void {
    const { signal } = this.#stopped
    void this.#publication.run(signal)
    void this.#lookAround(signal)
  }

  /** To be called when a peer is linked: what it is closer to than others is its to hold. */
  peerCame(peer: PeerId): void {
    this.#publication.peerCame()
    if (this.holder !== undefined) void this.#handOver(peer, this.holder, this.#stopped.signal).catch(() => undefined)
  }

  stop(): void {
    this.#stopped.abort()
    this.#exchange.stop()
  }

  #publish(): void {
    const codebook = this.#codebook
    if (codebook === undefined) return this.#publishUnder(() => [])
    codebook
      .prepare()
      .catch(error => this.#noCodebook(error))
      .then(() => this.#publishUnder(vector => codebook.nearest(vector, DISCOVERY_LIMITS.conceptsPerCard)))
  }

  /** The own cards under their words, and under the concepts of what their vectors say of the whole. */
  #publishUnder(conceptsOf: (vector: Int8Array) => string[]): void {
    const { directory, network, embedder } = this.#init
    const own = directory.signedOf(network.self).flatMap(signed => this.#reader.read(signed) ?? [])
    this.#publication.update(
      own.map(card => {
        const whole = card.vectors?.space === embedder.id ? card.vectors.rows[0] : undefined
        return whole === undefined ? card : { ...card, concepts: conceptsOf(whole) }
      }),
    )
  }

  #noCodebook(error: unknown): void {
    if (this.#stopped.signal.aborted) return
    this.#init.logger.warn('the embedder fails: cards are found by their words alone', { error: String(error) })
  }

  async #handOver(peer: PeerId, holder: Holder, signal: AbortSignal): Promise<void> {
    const { clock, network } = this.#init
    await sleep(clock, SETTLE_MS, signal)
    let looked = 0
    const nearest = (key: Uint8Array) => this.#routes.near(key, DISCOVERY_LIMITS.copies, peer)
    const due: Bundle[] = []
    for (const bundle of holder.dueTo(peer, nearest, network.self)) {
      due.push(bundle)
      if (++looked % AT_ONCE === 0) await sleep(clock, 0, signal)
    }
    for (const message of storeMessages(due)) await this.#store(peer, message, signal)
  }

  async #lookAround(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#init
    while (!signal.aborted) {
      await sleep(clock, LOOK_MS, signal).catch(() => undefined)
      this.holder?.sweep()
      if (this.holder === undefined) continue
      for (const [peer, message] of hotCopies(this.holder, this.#routes, this.#init.mesh))
        await this.#store(peer, message, signal).catch(error => logger.debug('a copy failed', { error: String(error) }))
    }
  }

  async #store(peer: PeerId, message: IndexStore, signal: AbortSignal): Promise<void> {
    const { clock } = this.#init
    await withDeadline(clock, TRANSPORT_LIMITS.queryMs, signal, either => this.#exchange.store(peer, message, either))
  }
}

function lotOf(salt: Uint8Array, agent: AgentId): number {
  return sha256(salt, utf8(agent))
    .subarray(0, 6)
    .reduce((lot, byte) => (lot + byte) / 256, 0)
}
