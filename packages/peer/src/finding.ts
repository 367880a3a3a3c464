/** Finding agents: the peer asks the index of the mesh, publishes its own cards there, and may hold a share of it. */
import {
  type Candidate,
  CardIndex,
  CardReader,
  Codebook,
  type Directory,
  type FindOptions,
  find,
  type IndexStore,
  Publication,
  type PublicationCost,
  Routes,
  Standing,
} from '@amp-mesh/discovery'
import {
  type Clock,
  DISCOVERY_LIMITS,
  type Embedder,
  type Logger,
  type MeshId,
  type Network,
  type PeerId,
  parseAgentId,
  type Random,
  TRANSPORT_LIMITS,
  type Verify,
  withDeadline,
} from '@amp-mesh/protocol'
import { directoryIndex } from './directory-index.ts'
import { IndexExchange } from './index-exchange.ts'
import type { IndexHolding, IndexHoldingInit } from './index-holding.ts'

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
  /** Default: it holds nothing for others. */
  newHolding?(init: IndexHoldingInit): IndexHolding
}

export class Finding {
  readonly index: CardIndex
  readonly #init: FindingInit
  readonly #foundIndex: CardIndex
  readonly #reader: CardReader
  readonly #routes: Routes
  readonly #standing = new Standing()
  readonly #exchange: IndexExchange
  readonly #holding: IndexHolding | undefined
  readonly #publication: Publication
  readonly #codebook: Codebook | undefined
  readonly #stopped = new AbortController()

  constructor(init: FindingInit) {
    this.#init = init
    const { mesh, network, directory, embedder, clock, logger, random } = init
    this.index = directoryIndex(directory, embedder, clock, logger)
    this.#foundIndex = new CardIndex({ embedder })
    this.#codebook = Codebook.of(embedder, this.#stopped.signal)
    this.#reader = new CardReader({ mesh, verify: init.verify, clock, opened: digest => directory.opened(digest) })
    this.#routes = new Routes({
      self: network.self,
      isRouted: init.newHolding !== undefined,
      clock,
      near: (key, count) => network.near(key, count),
      nearer: (peer, key, signal) => network.nearer(peer, key, signal),
    })
    this.#holding = init.newHolding?.({
      ...{ mesh, clock, random, logger, self: network.self, routes: this.#routes },
      read: signed => this.#reader.read(signed),
      store: (peer, message, signal) => this.#store(peer, message, signal),
    })
    this.#exchange = new IndexExchange({ ...init, holder: this.#holding?.holder })
    this.#publication = new Publication({
      mesh,
      clock,
      random,
      routes: this.#routes,
      standing: this.#standing,
      brought: () => this.#holding?.holder.brought() ?? [],
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
    void this.#holding?.run(signal)
  }

  /** To be called when a peer is linked: what it is closer to than others is its to hold. */
  peerCame(peer: PeerId): void {
    this.#publication.peerCame()
    void this.#holding?.welcome(peer, this.#stopped.signal)
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

  async #store(peer: PeerId, message: IndexStore, signal: AbortSignal): Promise<void> {
    const { clock } = this.#init
    await withDeadline(clock, TRANSPORT_LIMITS.queryMs, signal, either => this.#exchange.store(peer, message, either))
  }
}
