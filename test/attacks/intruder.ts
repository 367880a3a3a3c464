/** A member of the mesh without manners: greets like a peer, then sends whatever bytes it is told to. */
import { nodeNetwork } from '@amp-mesh/peer/node'
import {
  decodeMessage,
  encodeFrames,
  encodeMessage,
  FrameReader,
  type Identity,
  identityFromSeed,
  type MeshId,
  type Message,
  type MessageType,
  meshLabel,
  type Network,
  type PeerId,
  type SpaceId,
  type Stream,
  sha256,
  toBase64url,
  utf8,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { wireNames } from '../../packages/peer/src/protocols.ts'
import { until } from '../until.ts'
import { GatewayDoor } from './gateway-door.ts'
import type { Victim } from './victim.ts'

export type Lane = 'amp' | 'sync'

/** How often streams are opened anew. */
const ATTEMPTS = 20
/** How long a victim may be at what was sent to it: a crowd's keys cost it seconds of a processor that others use. */
const BUSY_MS = 180_000
const silent = { debug() {}, info() {}, warn() {}, error() {} }

export class Intruder {
  readonly identity: Identity
  readonly network: Network
  readonly #mesh: MeshId
  readonly #isHostile: boolean
  readonly #wires = new Map<PeerId, Wire>()

  /** Its id is below those of `victims`, so that it opens the streams. A hostile one uses their gateways as well. */
  static async start(name: string, mesh: MeshId, victims: readonly Victim[], isHostile = false): Promise<Intruder> {
    for (let n = 0; ; n++) {
      const seed = sha256(utf8(`${name} ${n}`))
      const identity = identityFromSeed(seed)
      if (victims.some(victim => victim.peerId < identity.peerId)) continue
      const network = await nodeNetwork({ mesh: meshLabel(mesh), seed, topics: [], logger: silent })
      await network.start()
      return new Intruder(identity, network, mesh, isHostile)
    }
  }

  private constructor(identity: Identity, network: Network, mesh: MeshId, isHostile: boolean) {
    this.identity = identity
    this.network = network
    this.#mesh = mesh
    this.#isHostile = isHostile
  }

  /** A greeted pair of streams to a victim: the one there is, or a new one where that has ended or is stalled. */
  async wire(victim: Victim): Promise<Wire> {
    const known = this.#wires.get(victim.peerId)
    if (known !== undefined && !known.isClosed && !known.isStalled) return known
    known?.abort()
    for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
      const wire = await this.#open(victim)
      await until(`${victim.name} greets or hangs up`, () => wire.isClosed || wire.heard('hello').length === 2)
      if (wire.isClosed) continue // it has not seen yet that the one before has ended
      this.#wires.set(victim.peerId, wire)
      return wire
    }
    throw new Error(`${victim.name} does not let us in`)
  }

  async #open(victim: Victim): Promise<Wire> {
    const peer = await this.network.connect(victim.addresses[0] ?? '')
    const names = wireNames(this.#mesh)
    const streams = { amp: await this.network.open(peer, names.amp), sync: await this.network.open(peer, names.sync) }
    const wire = new Wire(streams, this.#isHostile ? new GatewayDoor(victim) : undefined)
    const hello: Message = { type: 'hello', protocol: '1.0', features: [], mesh: this.#mesh }
    for (const lane of ['amp', 'sync'] as const) wire.post(lane, hello)
    return wire
  }

  async stop(): Promise<void> {
    await this.network.stop()
  }
}

/** Streams to one victim, and all it said on them. */
export class Wire {
  readonly #streams: Readonly<Record<Lane, Stream>>
  readonly #gateway: GatewayDoor | undefined
  readonly #heard: Message[] = []
  #closed = false
  #stalled = false
  #barriers = 0

  /** `gateway`: all that is said is said there too. */
  constructor(streams: Readonly<Record<Lane, Stream>>, gateway?: GatewayDoor) {
    this.#streams = streams
    this.#gateway = gateway
    for (const lane of ['amp', 'sync'] as const) void this.#listen(lane)
  }

  /** The victim hung up on one of the streams. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** Forgets what was heard so far. */
  forget(): void {
    this.#heard.length = 0
  }

  get isStalled(): boolean {
    return this.#stalled
  }

  /** Begins a frame that never ends: the stream is of no use any more, but stays open. */
  stall(lane: Lane, halfFrame: Uint8Array): void {
    this.raw(lane, halfFrame)
    this.#stalled = true
  }

  abort(): void {
    for (const stream of Object.values(this.#streams)) stream.abort(new Error('of no use any more'))
    this.#closed = true
  }

  heard<T extends MessageType>(type: T): Extract<Message, { type: T }>[] {
    return this.#heard.filter((message): message is Extract<Message, { type: T }> => message.type === type)
  }

  post(lane: Lane, ...messages: Message[]): void {
    this.#gateway?.post(...messages)
    this.#send(lane, encodeFrames(messages.map(encodeMessage)))
  }

  /** Sends segments of a space as if they were sound. */
  push(space: SpaceId, ...segments: Uint8Array[]): void {
    this.post('sync', ...segments.map((bytes): Message => ({ type: 'segment', space, bytes })))
  }

  raw(lane: Lane, bytes: Uint8Array): void {
    this.#gateway?.raw(bytes)
    this.#send(lane, bytes)
  }

  #send(lane: Lane, bytes: Uint8Array): void {
    try {
      this.#streams[lane].send(bytes)
    } catch {
      this.#closed = true
    }
  }

  /** Resolves when the victim has dealt with all that was sent before, or hung up. */
  async settled(): Promise<void> {
    await this.#gateway?.settled()
    for (const lane of ['amp', 'sync'] as const) {
      if (this.#stalled) return
      // nobody knows this space: the answer comes when its turn has come
      const space = toBase64url(sha256(utf8(`barrier ${this.#barriers++} ${Math.random()}`)))
      this.post(lane, { type: 'want', space, ranges: [] })
      await until(
        'the victim gets to the end',
        () => this.#closed || this.heard('error').some(({ re }) => re === space),
        BUSY_MS,
      )
    }
  }

  async #listen(lane: Lane): Promise<void> {
    const reader = new FrameReader(WIRE_LIMITS.syncFrame)
    try {
      for await (const chunk of this.#streams[lane].incoming())
        for (const body of reader.push(chunk)) this.#take(decodeMessage(body, { maxBytes: WIRE_LIMITS.syncFrame }))
    } catch {
      // broken off: the same as closed
    }
    this.#closed = true
  }

  #take(message: Message): void {
    if (message.type === 'ping') this.post('amp', { type: 'pong', n: message.n })
    this.#heard.push(message)
  }
}
