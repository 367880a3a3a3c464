/** The failure detector: who is reachable, suspected or gone, and why. A pure table of what was heard when. */
import { FAILURE_DETECTION, type FailureDetection, PEER_LIMITS, type PeerId } from '@amp-mesh/protocol'
import { Arrivals } from './arrivals.ts'

export type Reachability = 'reachable' | 'connecting' | 'suspected' | 'gone'
/**
 * Why a peer is not reachable. `silent`: connected, and says nothing; `unreachable`: no connection can be had; `left`:
 * it said goodbye.
 */
export type Absence = 'silent' | 'unreachable' | 'left'

export interface ReachabilityChange {
  peer: PeerId
  state: 'reachable' | 'suspected' | 'gone'
  why?: Absence
}

interface Watch {
  state: Reachability
  why: Absence | undefined
  /** When the present state began. */
  since: number
  /** There is a connection, or was until it was found to be dead. */
  linked: boolean
  arrivals: Arrivals
  /** When it last told, or was told, anything but pings. */
  workedAt: number
  pingedAt: number
  /** The ping whose pong will measure, by the clock. */
  measuring: { n: number; at: number } | undefined
  measuredAt: number
  rttMs: number | undefined
}

/**
 * A peer is suspected when its silence has become odd (`Arrivals`), whether connected or being dialled again, and a
 * ping had its time to be answered; or when a dial fails. It is gone when nothing was heard for long after, or at once
 * when it says so. Suspicion is local and may be wrong: it decides when somebody writes, never what a view says.
 *
 * Only time in which this peer itself ran counts. Stopped for half a minute, it would else suspect everybody.
 */
export class FailureDetector {
  readonly #settings: FailureDetection
  readonly #watched = new Map<PeerId, Watch>()
  #changes: ReachabilityChange[] = []
  #tickedAt: number | undefined
  /** ms this peer has run, up to the last tick. */
  #ran = 0
  /** Linked peers, at the last tick. */
  #linked = 0

  constructor(settings: FailureDetection = FAILURE_DETECTION) {
    this.#settings = settings
  }

  /** `tick` is to be called this often, ms. */
  get beatMs(): number {
    return this.#settings.pingMs / 4
  }

  connected(peer: PeerId, now: number): void {
    const watch = this.#watch(peer)
    watch.linked = true
    watch.arrivals.restart(this.#time(now))
    this.#set(peer, watch, 'reachable', now)
  }

  disconnected(peer: PeerId, now: number): void {
    const watch = this.#watch(peer)
    watch.linked = false
    if (watch.state !== 'suspected' && watch.state !== 'gone') this.#seek(peer, watch, now)
  }

  /** We want to reach it and are not connected yet. */
  wanted(peer: PeerId, now: number): void {
    if (!this.#watched.has(peer)) this.#seek(peer, this.#watch(peer), now)
  }

  dialFailed(peer: PeerId, now: number): void {
    const watch = this.#watched.get(peer)
    if (watch?.state === 'connecting') this.#set(peer, watch, 'suspected', now, 'unreachable')
  }

  /** It said that it leaves. */
  left(peer: PeerId, now: number): void {
    this.#set(peer, this.#watch(peer), 'gone', now, 'left')
  }

  /** Anything that arrives from a peer is a sign of life. */
  heard(peer: PeerId, now: number): void {
    const watch = this.#watched.get(peer)
    if (watch === undefined || !watch.linked || watch.why === 'left') return
    watch.arrivals.arrived(this.#time(now))
    this.#set(peer, watch, 'reachable', now)
  }

  /** It told us something, or was told, that is no ping: it is watched closely from now on. */
  worked(peer: PeerId, now: number): void {
    const watch = this.#watched.get(peer)
    if (watch === undefined) return
    const time = this.#time(now)
    // the rhythm of one that was pinged less often says nothing of what comes now
    if (this.#pingMs(watch, time) > this.#settings.pingMs) watch.arrivals = this.#newArrivals(time)
    watch.workedAt = time
  }

  /** Nothing was heard from it for a while, or the round trip was not measured for long. */
  isPingDue(peer: PeerId, now: number): boolean {
    const watch = this.#watched.get(peer)
    if (watch === undefined || !watch.linked) return false
    const { measureMs } = this.#settings
    const time = this.#time(now)
    const pingMs = this.#pingMs(watch, time)
    const unmeasured = watch.rttMs === undefined || time - watch.measuredAt >= measureMs
    return time - watch.pingedAt >= pingMs && (unmeasured || watch.arrivals.silence(time) >= pingMs)
  }

  pinged(peer: PeerId, n: number, now: number): void {
    const watch = this.#watched.get(peer)
    if (watch === undefined) return
    const time = this.#time(now)
    watch.pingedAt = time
    if (watch.measuring !== undefined && now - watch.measuring.at < this.#settings.measureMs) return
    watch.measuring = { n, at: now }
  }

  ponged(peer: PeerId, n: number, now: number): void {
    const watch = this.#watched.get(peer)
    if (watch?.measuring?.n !== n) return
    watch.rttMs = now - watch.measuring.at
    watch.measuredAt = this.#time(now)
    watch.measuring = undefined
  }

  /** Moves time on. */
  tick(now: number): void {
    this.#ran = this.#time(now)
    this.#tickedAt = now
    let count = 0
    for (const [peer, watch] of this.#watched) {
      const { state, linked, since } = watch
      if (linked) count++
      if ((state === 'reachable' || state === 'connecting') && this.#isOdd(watch))
        this.#set(peer, watch, 'suspected', now, linked ? 'silent' : 'unreachable')
      if (state === 'suspected' && this.#ran - since >= this.#settings.goneMs)
        this.#set(peer, watch, 'gone', now, watch.why)
    }
    this.#linked = count
  }

  /** Suspicions that began or ended, and peers that are gone, since the last call, in order. */
  takeChanges(): ReachabilityChange[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  /** Peers whose connection carries nothing any more: suspected, and silent for `deadMs`. Told once. */
  takeDead(): PeerId[] {
    const isDead = ({ state, linked, arrivals }: Watch) =>
      linked && state === 'suspected' && arrivals.silence(this.#ran) >= this.#settings.deadMs
    const dead = [...this.#watched].filter(([, watch]) => isDead(watch))
    for (const [, watch] of dead) watch.linked = false
    return dead.map(([peer]) => peer)
  }

  state(peer: PeerId): Reachability | undefined {
    return this.#watched.get(peer)?.state
  }

  /** Why it is suspected or gone. */
  absence(peer: PeerId): Absence | undefined {
    return this.#watched.get(peer)?.why
  }

  rttMs(peer: PeerId): number | undefined {
    return this.#watched.get(peer)?.rttMs
  }

  /** One that is pinged less often now than it was is first given the time to answer. */
  #isOdd(watch: Watch): boolean {
    const { arrivals, linked } = watch
    if (!arrivals.isOdd(this.#ran)) return false
    return !linked || arrivals.silence(this.#ran) >= this.#pingMs(watch, this.#ran) + this.#settings.pauseMs
  }

  /** After so much silence it is pinged. */
  #pingMs(watch: Watch, time: number): number {
    const { pingMs, watchedClosely, mostPatience } = this.#settings
    if (this.#isClose(watch, time)) return pingMs
    return pingMs * Math.min(mostPatience, Math.max(1, this.#linked / watchedClosely))
  }

  #isClose({ workedAt }: Watch, time: number): boolean {
    return time - workedAt < this.#settings.closeMs
  }

  /** Silence counts from `time`. */
  #newArrivals(time: number): Arrivals {
    const arrivals = new Arrivals({ ...this.#settings, mergeMs: this.#settings.pingMs / 2 })
    arrivals.restart(time)
    return arrivals
  }

  /** ms this peer has run: of the time since the last tick at most two beats. */
  #time(now: number): number {
    this.#tickedAt ??= now
    return this.#ran + Math.min(Math.max(0, now - this.#tickedAt), 2 * this.beatMs)
  }

  #seek(peer: PeerId, watch: Watch, now: number): void {
    watch.arrivals.restart(this.#time(now))
    this.#set(peer, watch, 'connecting', now)
  }

  #set(peer: PeerId, watch: Watch, state: Reachability, now: number, why?: Absence): void {
    const before = watch.state
    watch.why = why
    if (before === state) return
    Object.assign(watch, { state, since: this.#time(now) })
    const wasAbsent = before === 'suspected' || before === 'gone'
    if (state === 'suspected' || state === 'gone' || (state === 'reachable' && wasAbsent))
      this.#changes.push({ peer, state, ...(why !== undefined && { why }) })
  }

  #watch(peer: PeerId): Watch {
    const known = this.#watched.get(peer)
    if (known !== undefined) return known
    const watch: Watch = {
      state: 'connecting',
      why: undefined,
      since: this.#ran,
      linked: false,
      arrivals: this.#newArrivals(this.#ran),
      workedAt: Number.NEGATIVE_INFINITY,
      pingedAt: -this.#settings.pingMs,
      measuring: undefined,
      measuredAt: 0,
      rttMs: undefined,
    }
    this.#watched.set(peer, watch)
    if (this.#watched.size > PEER_LIMITS.watchedPeers) this.#forgetOne()
    return watch
  }

  /** The peer longest in the table that is not there: nobody has needed it since. */
  #forgetOne(): void {
    for (const [peer, { state }] of this.#watched)
      if (state === 'suspected' || state === 'gone') {
        this.#watched.delete(peer)
        return
      }
  }
}
