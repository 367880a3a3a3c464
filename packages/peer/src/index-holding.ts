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
/** A peer that has come is given its buckets when it had time to get to know the mesh, ms. */
const SETTLE_MS = 2_000
/** Buckets looked through in one go when a peer has come. */
const AT_ONCE = 64

export class IndexHolding {
  readonly holder: Holder
  readonly #init: IndexHoldingInit

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

  /** Gives a peer that has come what it is closer to than others. Rejects when it does not take that. */
  async handOver(peer: PeerId, signal: AbortSignal): Promise<void> {
    const { self, clock, routes, store } = this.#init
    await sleep(clock, SETTLE_MS, signal)
    let looked = 0
    const nearest = (key: Uint8Array) => routes.near(key, DISCOVERY_LIMITS.copies, peer)
    const due: Bundle[] = []
    for (const bundle of this.holder.dueTo(peer, nearest, self)) {
      due.push(bundle)
      if (++looked % AT_ONCE === 0) await sleep(clock, 0, signal)
    }
    for (const message of storeMessages(due)) await store(peer, message, signal)
  }
}

function lotOf(salt: Uint8Array, agent: AgentId): number {
  return sha256(salt, utf8(agent))
    .subarray(0, 6)
    .reduce((lot, byte) => (lot + byte) / 256, 0)
}
