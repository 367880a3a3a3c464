/**
 * A DHT in one process: peers with routing tables that grow old, messages that take time and are counted, peers that
 * are silent, lie, come and go. What the peers do is the product's own code: Routes, Holder, search, Publication.
 */
import {
  type Bundle,
  type HeldCard,
  Holder,
  hotCopies,
  type IndexStore,
  Publication,
  Routes,
  type SearchPorts,
  Standing,
  storeMessages,
} from '@amp-mesh/discovery'
import {
  type AgentId,
  AmpError,
  DISCOVERY_LIMITS,
  type Message,
  type PeerId,
  type SignedCard,
  sha256,
  utf8,
} from '@amp-mesh/protocol'
import { chance, hash32 } from './chance.ts'
import { RoutingTables } from './routing-tables.ts'
import type { VirtualClock } from './virtual-clock.ts'

export type Behaviour = 'honest' | 'silent' | 'denies' | 'hides'

export interface MeshInit {
  seed: number
  clock: VirtualClock
  mesh: string
  read(signed: SignedCard): HeldCard | undefined
  /** One way, ms: the median; one message in fifty takes three times as long. */
  latencyMs?: number
}

/** Both ways. */
export interface Traffic {
  messages: number
  bytes: number
}

/** Bytes of a FIND_NODE, and of its answer for each peer named: id, two addresses. */
const FIND_NODE = 80
const NAMED_PEER = 96
/** Bytes of an index message beside texts and cards. */
const ENVELOPE = 48
const SPREAD = 0.55

export class SimulatedMesh {
  readonly clock: VirtualClock
  readonly init: MeshInit
  readonly tables: RoutingTables
  readonly random: () => number
  readonly #peers = new Map<PeerId, SimulatedPeer>()

  constructor(init: MeshInit) {
    this.init = init
    this.clock = init.clock
    this.random = chance(init.seed)
    this.tables = new RoutingTables(init.clock, chance(init.seed + 1))
  }

  add(id: PeerId, behaviour: Behaviour = 'honest'): SimulatedPeer {
    const peer = new SimulatedPeer(id, behaviour, this)
    this.#peers.set(id, peer)
    this.tables.add(id, peer.place)
    return peer
  }

  /** It is gone, without a word: others still know it. */
  remove(id: PeerId): void {
    this.#peers.delete(id)
    this.tables.remove(id)
  }

  peer(id: PeerId): SimulatedPeer | undefined {
    return this.#peers.get(id)
  }

  peers(): Iterable<SimulatedPeer> {
    return this.#peers.values()
  }

  /** One message there and one back. Never settles but by the signal when the other is gone or silent. */
  call<T>(
    from: SimulatedPeer,
    to: PeerId,
    bytes: number,
    signal: AbortSignal,
    answer: (peer: SimulatedPeer) => { value: T; bytes: number },
  ): Promise<T> {
    from.count(bytes)
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason)
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })
      this.clock.after(this.#latency(), () => {
        const peer = this.#peers.get(to)
        if (peer === undefined || peer.behaviour === 'silent') return
        const given = answer(peer)
        from.count(given.bytes)
        this.clock.after(this.#latency(), () => {
          signal.removeEventListener('abort', stop)
          resolve(given.value)
        })
      })
    })
  }

  /** Log-normal. */
  #latency(): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random())
    return (this.init.latencyMs ?? 40) * Math.exp(SPREAD * normal)
  }
}

export class SimulatedPeer {
  readonly id: PeerId
  readonly place: Uint8Array
  readonly behaviour: Behaviour
  readonly holder: Holder
  /** What it asked, and was answered. */
  readonly traffic: Traffic = { messages: 0, bytes: 0 }
  readonly standing = new Standing()
  readonly routes: Routes
  readonly publication: Publication
  readonly #mesh: SimulatedMesh
  readonly #salt: number

  constructor(id: PeerId, behaviour: Behaviour, mesh: SimulatedMesh) {
    this.id = id
    this.behaviour = behaviour
    this.#mesh = mesh
    this.place = placeOf(id)
    const { clock, tables, init } = mesh
    this.routes = new Routes({
      self: id,
      isRouted: true,
      clock,
      near: (key, count) => tables.near(id, key, count),
      nearer: (peer, key, signal) => this.#nearer(peer, key, signal),
      placeOf,
    })
    this.#salt = hash32(id, init.seed)
    this.holder = new Holder({
      mesh: init.mesh,
      clock,
      read: init.read,
      isNear: (key, count) => this.routes.isNear(key, count),
      lotOf: agent => this.lotOf(agent),
    })
    this.publication = new Publication({
      mesh: init.mesh,
      clock,
      random: { float: mesh.random, bytes: length => new Uint8Array(length) },
      routes: this.routes,
      standing: this.standing,
      brought: () => this.holder.brought(),
      store: (holder, message, signal) => this.#store(holder, message, signal),
    })
  }

  /** Not known to publishers, in a real mesh. */
  lotOf(agent: AgentId): number {
    return hash32(agent, this.#salt) / 2 ** 32
  }

  count(bytes: number): void {
    this.traffic.messages += 1
    this.traffic.bytes += bytes
  }

  ports(): SearchPorts {
    const { clock, init } = this.#mesh
    return {
      mesh: init.mesh,
      clock,
      routes: this.routes,
      standing: this.standing,
      read: init.read,
      query: (holder, query, signal) => this.#query(holder, query, signal),
    }
  }

  /** What the product's peer does when another one has come: gives it the buckets that are its to hold. */
  handOver(newcomer: PeerId): void {
    const newcomers = new Set([newcomer])
    const nearest = (key: Uint8Array) => this.routes.near(key, DISCOVERY_LIMITS.copies + 1, newcomers)
    const due: Bundle[] = [...this.holder.dueTo(newcomers, nearest, this.id)].map(([, bundle]) => bundle)
    const signal = AbortSignal.timeout(2 ** 31 - 1)
    for (const message of storeMessages(due)) void this.#store(newcomer, message, signal).catch(() => undefined)
  }

  /** What the product's peer does once a minute: copies what is hot. */
  async copyHot(): Promise<void> {
    const signal = AbortSignal.timeout(2 ** 31 - 1)
    for (const [peer, message] of hotCopies(this.holder, this.routes, this.#mesh.init.mesh))
      await this.#store(peer, message, signal)
  }

  #nearer(peer: PeerId, key: Uint8Array, signal: AbortSignal): Promise<PeerId[]> {
    return this.#mesh.call(this, peer, FIND_NODE, signal, asked => {
      const value = this.#mesh.tables.near(asked.id, key, DISCOVERY_LIMITS.closest).filter(other => other !== this.id)
      return { value, bytes: ENVELOPE + NAMED_PEER * value.length }
    })
  }

  async #store(to: PeerId, message: IndexStore, signal: AbortSignal): Promise<Message<'index_stored'>> {
    if (to === this.id) return answerOf(this.holder.store(to, message), 'index_stored')
    const bytes = bytesOf(message.cards) + message.keys.reduce((sum, [key, at]) => sum + key.length + 2 + at.length, 0)
    const answer = await this.#mesh.call(this, to, ENVELOPE + bytes, signal, ({ holder }) => {
      return { value: holder.store(this.id, message), bytes: ENVELOPE + 2 * message.keys.length }
    })
    return answerOf(answer, 'index_stored')
  }

  async #query(
    to: PeerId,
    query: Message<'index_query'>,
    signal: AbortSignal,
  ): Promise<{ answer: Message<'index_cards'>; bytes: number }> {
    if (to === this.id) return { answer: answerOf(this.holder.query(to, query), 'index_cards'), bytes: 0 }
    const asked = ENVELOPE + query.key.length + query.text.length
    const answer = await this.#mesh.call(this, to, asked, signal, peer => {
      const value = peer.#reply(this.id, query)
      return { value, bytes: ENVELOPE + (value.type === 'index_cards' ? bytesOf(value.cards) + countsOf(value) : 0) }
    })
    const given = answerOf(answer, 'index_cards')
    return { answer: given, bytes: asked + ENVELOPE + bytesOf(given.cards) + countsOf(given) }
  }

  /** Liars know nothing, or leave out half. */
  #reply(from: PeerId, query: Message<'index_query'>): Message<'index_cards'> | Message<'busy'> {
    if (this.behaviour === 'denies') return { type: 'index_cards', size: 0, cards: [] }
    const reply = this.holder.query(from, query)
    if (this.behaviour !== 'hides' || reply.type === 'busy') return reply
    return { ...reply, cards: reply.cards.filter((_, n) => n % 2 === 1) }
  }
}

const places = new Map<PeerId, Uint8Array>()

/** Any hash will do for ids that are no keys; each once. */
export function placeOf(id: PeerId): Uint8Array {
  const known = places.get(id) ?? sha256(utf8(id))
  places.set(id, known)
  return known
}

const bytesOf = (cards: readonly SignedCard[]) =>
  cards.reduce((sum, { body, signature }) => sum + body.length + signature.length + 8, 0)

/** Two numbers for each of the request's words; most take a byte or three. */
const countsOf = ({ words }: Message<'index_cards'>) => 2 * 3 * (words?.saying.length ?? 0)

function answerOf<T extends 'index_cards' | 'index_stored'>(answer: Message<T> | Message<'busy'>, type: T): Message<T> {
  if (answer.type === 'busy') throw new AmpError('busy', `too much: no ${type}`)
  return answer as Message<T>
}
