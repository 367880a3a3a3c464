/**
 * Keeps a peer in its mesh (F3): libp2p forgets a peer after a few failed redials and dials its bootstrap list once.
 * The keeper never gives up on whom it was told to hold, and looks for neighbours while there are too few.
 */
import { type Cancel, type Clock, type Logger, type PeerId, type Random, TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import { byTurns } from './fair-places.ts'

/** What the keeper needs of a network. */
export interface Dialler {
  readonly self: PeerId
  peers(): PeerId[]
  on(event: 'disconnect', listener: (peer: PeerId) => void): Cancel
  connect(address: string, signal?: AbortSignal): Promise<PeerId>
  dial(peer: PeerId, signal?: AbortSignal): Promise<void>
  /** Peers whose addresses are known, connected or not. */
  known(): Promise<Known[]>
  /** Called for a peer that was lost and did not answer any more. */
  forget(peer: PeerId): Promise<void>
}

/** A peer that can be dialled, and the network (`subnetOf`) it is in, as far as it is known. */
export interface Known {
  peer: PeerId
  subnet: string
}

export interface KeeperInit {
  network: Dialler
  /** Read again at every look: the list may change while the peer runs. */
  bootstrap: () => readonly string[]
  clock: Clock
  random: Random
  logger: Logger
}

/** One whom the keeper dials: an address of the bootstrap list, or a peer by its id. */
export type Target = string
export interface Attempt {
  failures: number
  /** It has answered before. */
  met: boolean
  /** Not before, ms since the epoch. */
  due: number
  dialling: boolean
}

export interface Situation {
  now: number
  self: PeerId
  connected: ReadonlySet<PeerId>
  /** Addresses to hold, and who answered there last. */
  bootstrap: ReadonlyMap<string, PeerId | undefined>
  /** Peers to hold. */
  wanted: ReadonlySet<PeerId>
  /** Peers whose connection ended: dialled a few times, then forgotten. */
  lost: ReadonlySet<PeerId>
  /** Whom it dialled because it knew of them. */
  chosen: ReadonlySet<PeerId>
  /** Peers that are neighbours, or could become some, in the order to try. */
  known: readonly Known[]
  attempts: ReadonlyMap<string, Attempt>
}

/** Redials of a peer nobody asked to hold, before it is forgotten. */
export const REDIALS = 3
const LOST_PEERS = 64
/** A look around without a reason, ms: the bootstrap list may have changed. */
const LOOK_MS = 2_000

/**
 * Whom to dial now; `chosen`: those of them that are new. While there are too few, peers of networks that have the
 * fewest neighbours come first: who names many addresses of one network is chosen as often as who has one.
 */
export function decide(situation: Situation): { addresses: string[]; peers: PeerId[]; chosen: PeerId[] } {
  const { now, self, connected, attempts } = situation
  const isDue = (target: string) => {
    const attempt = attempts.get(target)
    return attempt === undefined || (!attempt.dialling && attempt.due <= now)
  }
  const isMissing = (peer: PeerId) => peer !== self && !connected.has(peer)

  const addresses = [...situation.bootstrap]
    .filter(([address, peer]) => (peer === undefined || isMissing(peer)) && isDue(address))
    .map(([address]) => address)
  const answering = new Set(situation.bootstrap.values()) // dialled by their addresses
  const lost = [...situation.lost].filter(peer => !answering.has(peer))
  const held = [...situation.wanted, ...lost].filter(peer => isMissing(peer) && isDue(peer))
  const dialling = [...attempts.values()].filter(attempt => attempt.dialling).length
  const lacking = lackingOf(situation) - dialling - addresses.length - held.length
  const chosen = byTurns(
    situation.known,
    ({ subnet }) => subnet,
    ({ peer }) => connected.has(peer),
  )
    .map(({ peer }) => peer)
    .filter(peer => isMissing(peer) && isDue(peer) && !held.includes(peer))
    .slice(0, Math.max(0, lacking))
  return { addresses, peers: [...new Set([...held, ...chosen])], chosen }
}

/**
 * Neighbours there are too few. Of those wanted, half at most may be ones that came by themselves: a crowd comes in
 * any number, and whoever it surrounds must go on looking for others.
 */
function lackingOf({ connected, bootstrap, chosen }: Pick<Situation, 'connected' | 'bootstrap' | 'chosen'>): number {
  const { neighbours } = TRANSPORT_LIMITS
  const own = new Set([...bootstrap.values(), ...chosen])
  const kept = [...connected].filter(peer => own.has(peer)).length
  return neighbours - kept - Math.min(connected.size - kept, neighbours / 2)
}

/**
 * Full jitter: anything from nothing to the back-off, which doubles up to its cap. Whom nobody has met is tried ever
 * more rarely: anybody can name keys that nobody has. `chance`: [0, 1).
 */
export function backoff(failures: number, chance: number, met: boolean): number {
  const { backoffBaseMs, backoffCapMs, unmetCapMs } = TRANSPORT_LIMITS
  return chance * Math.min(met ? backoffCapMs : unmetCapMs, backoffBaseMs * 2 ** Math.min(failures, 16))
}

export class Keeper {
  readonly #init: KeeperInit
  readonly #wanted = new Set<PeerId>()
  readonly #lost = new Set<PeerId>()
  readonly #chosen = new Set<PeerId>()
  readonly #answered = new Map<string, PeerId>()
  readonly #attempts = new Map<string, Attempt>()
  #onDialFailed: (peer: PeerId) => void = () => {}
  #stirred = false
  #wake: (() => void) | undefined

  constructor(init: KeeperInit) {
    this.#init = init
  }

  /** Holds a connection to `peer` from now on, or until as many others were wanted as there can be connections. */
  want(peer: PeerId): void {
    addTo(this.#wanted, peer)
    this.#stir()
  }

  release(peer: PeerId): void {
    this.#wanted.delete(peer)
  }

  /** Works until the signal aborts; tells of peers that could not be dialled. Never rejects. */
  async run(signal: AbortSignal, onDialFailed: (peer: PeerId) => void = () => {}): Promise<void> {
    const { network, clock } = this.#init
    this.#onDialFailed = onDialFailed
    const cancel = network.on('disconnect', peer => this.#disconnected(peer))
    while (!signal.aborted) {
      this.#stirred = false
      const { addresses, peers, chosen } = decide(await this.#situation())
      if (signal.aborted) break
      for (const peer of chosen) addTo(this.#chosen, peer)
      for (const address of addresses) void this.#try(address, () => this.#connect(address, signal))
      for (const peer of peers) void this.#dial(peer, signal)
      await this.#pause(this.#nextDue(clock.now()), signal)
    }
    cancel()
  }

  async #situation(): Promise<Situation> {
    const { network, clock, bootstrap } = this.#init
    const connected = new Set(network.peers())
    for (const peer of connected) {
      this.#lost.delete(peer)
      if (this.#attempts.get(peer)?.dialling === false) this.#attempts.delete(peer)
    }
    const neighbours = {
      connected,
      bootstrap: new Map(bootstrap().map(address => [address, this.#answered.get(address) ?? peerIn(address)])),
      chosen: this.#chosen,
    }
    return {
      ...neighbours,
      now: clock.now(),
      self: network.self,
      wanted: this.#wanted,
      lost: this.#lost,
      known: lackingOf(neighbours) > 0 ? this.#shuffled(await network.known()) : [],
      attempts: this.#attempts,
    }
  }

  async #connect(address: string, signal: AbortSignal): Promise<void> {
    this.#answered.set(address, await this.#init.network.connect(address, signal))
  }

  async #dial(peer: PeerId, signal: AbortSignal): Promise<void> {
    const failures = await this.#try(peer, () => this.#init.network.dial(peer, signal))
    if (failures === 0 || signal.aborted) return
    this.#onDialFailed(peer)
    if (failures < REDIALS || this.#wanted.has(peer)) return
    this.#lost.delete(peer)
    this.#chosen.delete(peer)
    this.#attempts.delete(peer)
    await this.#init.network.forget(peer)
  }

  /** How often in a row it failed now; 0 when connected. */
  async #try(target: Target, dial: () => Promise<void>): Promise<number> {
    const { clock, random, logger } = this.#init
    const before = this.#attempts.get(target)
    const failures = (before?.failures ?? 0) + 1
    // an address is a promise that somebody is there
    const met = before?.met ?? this.#init.bootstrap().includes(target)
    this.#attempts.set(target, { failures, met, due: 0, dialling: true })
    try {
      await dial()
      this.#attempts.delete(target)
      return 0
    } catch (error) {
      const due = clock.now() + backoff(failures, random.float(), met)
      this.#attempts.set(target, { failures, met, due, dialling: false })
      logger.debug('a dial failed', { target, failures, error: String(error) })
      return failures
    } finally {
      this.#stir()
    }
  }

  #disconnected(peer: PeerId): void {
    const { clock, random } = this.#init
    if (this.#lost.size < LOST_PEERS) this.#lost.add(peer)
    // everybody who lost the same hub would dial it in the same instant
    const due = clock.now() + backoff(0, random.float(), true)
    const addresses = [...this.#answered].filter(([, answered]) => answered === peer).map(([address]) => address)
    for (const target of [peer, ...addresses])
      this.#attempts.set(target, { failures: 0, met: true, due, dialling: false })
    this.#stir()
  }

  #nextDue(now: number): number {
    const waits = [...this.#attempts.values()]
      .filter(each => !each.dialling && each.due > now)
      .map(each => each.due - now)
    return Math.min(LOOK_MS, ...waits)
  }

  /** Something changed: look around now. */
  #stir(): void {
    this.#stirred = true
    this.#wake?.()
  }

  /** Until stirred, the time is over, or the signal aborts. */
  #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#stirred || signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const settle = () => {
        cancel()
        signal.removeEventListener('abort', settle)
        this.#wake = undefined
        resolve()
      }
      const cancel = this.#init.clock.after(ms, settle)
      signal.addEventListener('abort', settle)
      this.#wake = settle
    })
  }

  #shuffled<T>(all: readonly T[]): T[] {
    return all
      .map(each => ({ each, chance: this.#init.random.float() }))
      .sort((a, b) => a.chance - b.chance)
      .map(({ each }) => each)
  }
}

/** As the newest; there are as many as there can be connections. */
function addTo(peers: Set<PeerId>, peer: PeerId): void {
  peers.delete(peer)
  peers.add(peer)
  const [oldest] = peers
  if (peers.size > TRANSPORT_LIMITS.connections && oldest !== undefined) peers.delete(oldest)
}

/** The PeerId an address ends with, if any. */
const peerIn = (address: string) => /\/p2p\/([^/]+)$/.exec(address)?.[1]
