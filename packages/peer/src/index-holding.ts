/** This peer's share of the mesh's index: held within bounds, handed to who is closer, copied when it is hot. */
import {
  type Bundle,
  type HeldCard,
  Holder,
  hotCopies,
  type IndexStore,
  type Routes,
  storeMessages,
} from '@amp-mesh/discovery'
import {
  type AgentId,
  type Clock,
  DISCOVERY_LIMITS,
  type Logger,
  type MeshId,
  type PeerId,
  type Random,
  type SignedCard,
  sha256,
  sleep,
  utf8,
} from '@amp-mesh/protocol'

export interface IndexHoldingInit {
  mesh: MeshId
  self: PeerId
  clock: Clock
  random: Random
  logger: Logger
  routes: Routes
  /** Opens and checks a card; undefined for what is none. */
  read(signed: SignedCard): HeldCard | undefined
  /** Gives cards to another holder; rejects when that is busy or does not answer. */
  store(peer: PeerId, message: IndexStore, signal: AbortSignal): Promise<unknown>
}

/** Between two looks at what is over and what is hot, ms. */
const LOOK_MS = 60_000
/** Peers that have come are given their buckets when they had time to get to know the mesh, ms. */
const SETTLE_MS = 2_000
/** Buckets looked through in one go when peers have come. */
const AT_ONCE = 64

export class IndexHolding {
  readonly holder: Holder
  readonly #init: IndexHoldingInit
  /** Peers that have come and were not given anything yet. */
  #newcomers = new Set<PeerId>()
  #isWelcoming = false

  constructor(init: IndexHoldingInit) {
    this.#init = init
    const salt = init.random.bytes(16)
    this.holder = new Holder({
      mesh: init.mesh,
      clock: init.clock,
      read: init.read,
      isNear: (key, count) => init.routes.isNear(key, count),
      lotOf: agent => lotOf(salt, agent),
    })
  }

  /** Forgets what is over and copies what is hot, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { mesh, clock, routes, logger, store } = this.#init
    while (!signal.aborted) {
      await sleep(clock, LOOK_MS, signal).catch(() => undefined)
      this.holder.sweep()
      for (const [peer, message] of hotCopies(this.holder, routes, mesh))
        await store(peer, message, signal).catch(error => logger.debug('a copy failed', { error: String(error) }))
    }
  }

  /** Gives a peer that has come what it is closer to than others: in one go with those that come with it. */
  async welcome(peer: PeerId, signal: AbortSignal): Promise<void> {
    this.#newcomers.add(peer)
    if (this.#isWelcoming) return
    this.#isWelcoming = true
    while (this.#newcomers.size > 0 && !signal.aborted) {
      await sleep(this.#init.clock, SETTLE_MS, signal).catch(() => undefined)
      const newcomers = this.#newcomers
      this.#newcomers = new Set()
      await this.#handOver(newcomers, signal).catch(() => undefined)
    }
    this.#isWelcoming = false
  }

  /** Rejects when the signal aborts. */
  async #handOver(newcomers: ReadonlySet<PeerId>, signal: AbortSignal): Promise<void> {
    const { self, clock, logger, routes, store } = this.#init
    const count = DISCOVERY_LIMITS.copies + newcomers.size
    const nearest = (key: Uint8Array) => routes.near(key, count, newcomers)
    const due = new Map<PeerId, Bundle[]>()
    let looked = 0
    for (const [peers, bundle] of this.holder.dueTo(newcomers, nearest, self)) {
      for (const peer of peers) {
        const bundles = due.get(peer) ?? []
        due.set(peer, bundles)
        bundles.push(bundle)
      }
      if (++looked % AT_ONCE === 0) await sleep(clock, 0, signal)
    }
    const give = async ([peer, bundles]: [PeerId, Bundle[]]) => {
      for (const message of storeMessages(bundles)) await store(peer, message, signal)
    }
    const refused = (error: unknown) => logger.debug('a newcomer did not take its share', { error: String(error) })
    await Promise.all([...due].map(each => give(each).catch(refused)))
  }
}

function lotOf(salt: Uint8Array, agent: AgentId): number {
  return sha256(salt, utf8(agent))
    .subarray(0, 6)
    .reduce((lot, byte) => (lot + byte) / 256, 0)
}
