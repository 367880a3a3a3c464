/** The links to connected peers: per peer one amp and one sync stream, greeted with `hello`, watched with pings. */
import {
  AmpError,
  type Cancel,
  type Clock,
  type Code,
  type FailureDetection,
  type MeshId,
  type Message,
  type Network,
  PEER_LIMITS,
  type PeerId,
  type Stream,
  WIRE_LIMITS,
  withDeadline,
} from '@amp-mesh/protocol'
import { Channel } from './channel.ts'
import { type Absence, FailureDetector, type ReachabilityChange } from './failure-detector.ts'
import { helloOf, speaks } from './hello.ts'
import type { WireNames } from './protocols.ts'
import { count, noTraffic, type Traffic } from './traffic.ts'

export type Lane = 'amp' | 'sync'

export interface LinksInit {
  network: Network
  names: WireNames
  mesh: MeshId
  clock: Clock
  /** Default: FAILURE_DETECTION. */
  failureDetection?: FailureDetection | undefined
  /** One message at a time per stream; while it runs that stream is not read. */
  onMessage(from: PeerId, message: Message, bytes: number): Promise<void> | void
  onSent(to: PeerId, message: Message, bytes: number): void
  /** Both streams are up and greeted. */
  onUp(peer: PeerId): void
  /** `code`: why, where the other side said so or we know. */
  onDown(peer: PeerId, code: Code | undefined): void
  /** A peer is suspected, gone, or answers again. */
  onReachability(change: ReachabilityChange): void
  onRefused(peer: PeerId, code: string): void
}

interface Link {
  amp?: Channel
  sync?: Channel
  greeted: Set<Lane>
  readonly traffic: Traffic
  up: boolean
  /** It was up before. */
  met: boolean
  /** Streams are being opened, or will be after a pause. */
  opening: boolean
  /** Times in a row that opening them did not bring the link up. */
  failures: number
  /** Ends the wait for the other side, which is to open them. */
  stopWaiting: Cancel
}

/** Opening both streams is tried this often before a peer that connected is taken for one of another mesh. */
const OPEN_ATTEMPTS = 4
/** For the last words to a peer of a version we do not speak, ms. */
const FAREWELL_MS = 200
const SYNC_TYPES: ReadonlySet<Message['type']> = new Set([
  'heads',
  'digests',
  'want',
  'segment',
  'proof',
  'checkpoint',
  'ops_want',
  'ops',
  'busy',
  'chunk_want',
  'chunk',
])

export class Links {
  readonly #init: LinksInit
  readonly #links = new Map<PeerId, Link>()
  readonly #detector: FailureDetector
  readonly #cancels: Cancel[] = []
  readonly #stopped = new AbortController()
  #nextBeat: Cancel | undefined
  #pings = 0

  constructor(init: LinksInit) {
    this.#init = init
    this.#detector = new FailureDetector(init.failureDetection)
    const { network, names } = init
    this.#cancels.push(
      network.handle(names.amp, 1, stream => this.#attach(stream, 'amp')),
      network.handle(names.sync, 1, stream => this.#attach(stream, 'sync')),
      network.on('connect', peer => this.#connected(peer)),
      network.on('disconnect', peer => this.#disconnected(peer)),
    )
    this.#beat()
  }

  /** Peers whose two streams are up. */
  up(): PeerId[] {
    return [...this.#links].filter(([, link]) => link.up).map(([peer]) => peer)
  }

  isUp(peer: PeerId): boolean {
    return this.#links.get(peer)?.up ?? false
  }

  /** Whether it does not answer. */
  isAbsent(peer: PeerId): boolean {
    return this.absence(peer) !== undefined
  }

  absence(peer: PeerId): { state: 'suspected' | 'gone'; why: Absence | undefined } | undefined {
    const state = this.#detector.state(peer)
    return state === 'suspected' || state === 'gone' ? { state, why: this.#detector.absence(peer) } : undefined
  }

  rttMs(peer: PeerId): number | undefined {
    return this.#detector.rttMs(peer)
  }

  /** Undefined without a connection. */
  traffic(peer: PeerId): Traffic | undefined {
    const link = this.#links.get(peer)
    return link && { ...link.traffic, queued: (link.amp?.queued ?? 0) + (link.sync?.queued ?? 0) }
  }

  /** Somebody needs this peer: watch whether it can be reached at all. */
  want(peer: PeerId): void {
    this.#detector.wanted(peer, this.#init.clock.now())
  }

  dialFailed(peer: PeerId): void {
    this.#detector.dialFailed(peer, this.#init.clock.now())
    this.#tellChanges()
  }

  /** It was heard, from itself, that this peer leaves the mesh. */
  left(peer: PeerId): void {
    this.#detector.left(peer, this.#init.clock.now())
    this.#tellChanges()
  }

  /** False when there is no link, or it is full: nothing posted is ever the only copy. */
  post(peer: PeerId, message: Message): boolean {
    const link = this.#links.get(peer)
    const lane = laneOf(message)
    const channel = link?.[lane]
    if (link?.up !== true || channel === undefined || !channel.post(message)) return false
    if (lane === 'amp') this.#detector.worked(peer, this.#init.clock.now())
    return true
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new AmpError('stopped'))
    this.#nextBeat?.()
    for (const cancel of this.#cancels) cancel()
    for (const link of this.#links.values()) link.amp?.post({ type: 'error', code: 'leaving' })
    await Promise.all([...this.#links.values()].flatMap(link => [link.amp?.close(), link.sync?.close()]))
    this.#links.clear()
  }

  #connected(peer: PeerId): void {
    const link = this.#link(peer)
    link.failures = 0
    this.#bringUp(peer, link)
  }

  /** One of the two opens, so that there is one pair: the smaller id. */
  #bringUp(peer: PeerId, link: Link): void {
    if (this.#init.network.self < peer) void this.#open(peer, link)
    else this.#expect(peer, link)
  }

  #disconnected(peer: PeerId): void {
    const link = this.#links.get(peer)
    this.#links.delete(peer)
    if (link === undefined) return
    link.stopWaiting()
    link.amp?.abort(new AmpError('unreachable'))
    link.sync?.abort(new AmpError('unreachable'))
    if (link.up) this.#down(peer)
  }

  async #open(peer: PeerId, link: Link): Promise<void> {
    if (link.opening) return
    const { clock, network, names } = this.#init
    link.opening = true
    try {
      await withDeadline(clock, PEER_LIMITS.helloMs, this.#stopped.signal, async signal => {
        for (const lane of ['amp', 'sync'] as const)
          if (link[lane] === undefined) this.#attach(await network.open(peer, names[lane], signal), lane)
      })
    } catch {
      // what is missing is opened again
    }
    link.opening = false
    if (link.amp === undefined || link.sync === undefined) this.#openAgain(peer, link)
  }

  /** After a pause. Whoever closes, or leaves unanswered, all that is opened is of another mesh. */
  #openAgain(peer: PeerId, link: Link): void {
    if (link.opening || !this.#isCurrent(peer, link)) return
    if (++link.failures >= OPEN_ATTEMPTS) return this.#turnAway(peer)
    link.opening = true
    this.#init.clock.after(100 * 2 ** link.failures, () => {
      link.opening = false
      if (!link.up && this.#isCurrent(peer, link)) void this.#open(peer, link)
    })
  }

  #isCurrent(peer: PeerId, link: Link): boolean {
    return !this.#stopped.signal.aborted && this.#links.get(peer) === link
  }

  /** The other side opens. If it never does it is not of this mesh. */
  #expect(peer: PeerId, link: Link): void {
    link.stopWaiting()
    link.stopWaiting = this.#init.clock.after(2 * PEER_LIMITS.helloMs, () => {
      if (!link.up && this.#isCurrent(peer, link)) this.#turnAway(peer, link.met ? 'unreachable' : 'wrong-mesh')
    })
  }

  #turnAway(peer: PeerId, code: Code = 'wrong-mesh'): void {
    this.#init.onRefused(peer, code)
    this.#disconnect(peer)
  }

  #disconnect(peer: PeerId): void {
    void this.#init.network.disconnect(peer).catch(() => {})
  }

  #attach(stream: Stream, lane: Lane): void {
    const { clock, mesh, onMessage, onSent } = this.#init
    const peer = stream.peer
    const link = this.#link(peer)
    const channel: Channel = new Channel({
      stream,
      clock,
      maxBytes: lane === 'amp' ? WIRE_LIMITS.message : WIRE_LIMITS.syncFrame,
      bulk: lane === 'sync',
      onMessage: (message, bytes) => {
        count(link.traffic.received, bytes)
        if (!link.greeted.has(lane)) return this.#greet(peer, link, lane, message)
        this.#detector.heard(peer, clock.now())
        if (message.type === 'pong') this.#detector.ponged(peer, message.n, clock.now())
        this.#tellChanges()
        if (message.type === 'ping') channel.post({ type: 'pong', n: message.n })
        else if (message.type === 'error' && message.code === 'leaving') this.left(peer)
        else if (message.type !== 'pong' && message.type !== 'hello') {
          if (lane === 'amp') this.#detector.worked(peer, clock.now())
          return onMessage(peer, message, bytes)
        }
      },
      onSent: (message, bytes) => {
        count(link.traffic.sent, bytes)
        onSent(peer, message, bytes)
      },
      onClose: reason => this.#closed(peer, link, lane, channel, reason),
    })
    link[lane]?.abort(new AmpError('busy', 'a newer stream took its place'))
    link[lane] = channel
    link.greeted.delete(lane)
    channel.post(helloOf(mesh))
    clock.after(PEER_LIMITS.helloMs, () => {
      if (link[lane] === channel && !link.greeted.has(lane)) channel.abort(new AmpError('bad-message', 'no hello came'))
    })
  }

  #greet(peer: PeerId, link: Link, lane: Lane, message: Message): void {
    if (message.type !== 'hello') throw new AmpError('bad-message', 'the first message must be hello')
    if (message.mesh !== this.#init.mesh) {
      this.#turnAway(peer)
      throw new AmpError('wrong-mesh')
    }
    if (!speaks(message.protocol)) {
      this.#init.onRefused(peer, 'wrong-protocol')
      this.#init.clock.after(FAREWELL_MS, () => this.#disconnect(peer))
      throw new AmpError('wrong-protocol')
    }
    link.greeted.add(lane)
    if (link.up || link.greeted.size < 2) return
    link.up = true
    link.met = true
    link.failures = 0
    link.stopWaiting()
    this.#detector.connected(peer, this.#init.clock.now())
    this.#tellChanges()
    this.#init.onUp(peer)
  }

  #closed(peer: PeerId, link: Link, lane: Lane, channel: Channel, reason: Error | undefined): void {
    if (link[lane] !== channel) return
    delete link[lane]
    link.greeted.delete(lane)
    if (this.#links.get(peer) !== link) return
    if (link.up) {
      link.up = false
      this.#down(peer, reason)
      if (this.#isCurrent(peer, link)) this.#bringUp(peer, link)
    } else if (this.#init.network.self < peer) {
      // the other side may take it for up: the connection it went over gave way to a better one meanwhile
      this.#openAgain(peer, link)
    }
  }

  #down(peer: PeerId, reason?: Error): void {
    this.#detector.disconnected(peer, this.#init.clock.now())
    this.#init.onDown(peer, reason instanceof AmpError ? reason.code : undefined)
  }

  #link(peer: PeerId): Link {
    let link = this.#links.get(peer)
    if (link === undefined) {
      const streams = { greeted: new Set<Lane>(), traffic: noTraffic(), up: false, met: false }
      link = { ...streams, opening: false, failures: 0, stopWaiting: () => {} }
      this.#links.set(peer, link)
    }
    return link
  }

  #beat(): void {
    const { clock } = this.#init
    const now = clock.now()
    for (const [peer, link] of this.#links)
      if (link.up && this.#detector.isPingDue(peer, now) && link.amp?.post({ type: 'ping', n: this.#pings }) === true)
        this.#detector.pinged(peer, this.#pings, now)
    this.#pings++
    this.#detector.tick(now)
    this.#tellChanges()
    for (const peer of this.#detector.takeDead()) this.#disconnect(peer)
    this.#nextBeat = clock.after(this.#detector.beatMs, () => this.#beat())
  }

  #tellChanges(): void {
    for (const change of this.#detector.takeChanges()) this.#init.onReachability(change)
  }
}

/** What answers a sync message takes its way: or it would be overtaken by what was sent later, and taken for that. */
const laneOf = (message: Message): Lane =>
  SYNC_TYPES.has(message.type) || (message.type === 'error' && message.code === 'unknown-space') ? 'sync' : 'amp'
