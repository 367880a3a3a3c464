/** A mesh of agents on peers with faults, as it is some minutes after everybody has published; peers go and come. */
import { type HeldCard, keysOfRequest, wordKey } from '@amp-mesh/discovery'
import { type AgentId, DISCOVERY_LIMITS, type Message, type PeerId, type SignedCard, sleep } from '@amp-mesh/protocol'
import { chance } from './chance.ts'
import { descriptions, sampleOfRequests } from './corpus.ts'
import { Exhaustive } from './exhaustive.ts'
import { type Agent, agentOf, cardAt, Register } from './population.ts'
import { type Behaviour, SimulatedMesh, type SimulatedPeer } from './simulated-mesh.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface PopulatedMeshInit {
  agents: number
  peers: number
  requests: number
  seed: number
  /** Shares of peers, and of peers that go (and others that come) in an hour. */
  silent: number
  lying: number
  churnPerHour: number
}

const HOUR = 60 * 60_000
/** Newcomers that publish message by message, so that it can be counted. */
const COUNTED_NEWCOMERS = 20
const CARDS_AT_ONCE = 64
/** In a mesh of more agents those peers that nobody asks stay empty: they would take minutes and gigabytes. */
const ALL_PEERS_FILLED = 200_000

export class PopulatedMesh {
  readonly clock = new VirtualClock()
  /** Of those newcomers that were counted. */
  readonly publication = { messages: 0, bytes: 0, cards: 0 }
  readonly #init: PopulatedMeshInit
  readonly #keysAsked: number
  readonly #random: () => number
  /** Which cards are brought along. */
  readonly #lots: () => number
  readonly #register = new Register()
  readonly #mesh: SimulatedMesh
  readonly #everything = new Exhaustive()
  readonly #agents: Agent[] = []
  /** Positions of the agents each peer hosts. */
  readonly #hosted = new Map<PeerId, number[]>()
  readonly #never = new AbortController().signal
  /** Cards under each key. */
  readonly #offered: number[] = []
  /** By holder: the peers that stored anything there. Each brought one more of its cards along. */
  readonly #stored = new Map<PeerId, Set<PeerId>>()
  /** In a great mesh the peers that hold keys that will be asked for: only they are filled; undefined: all. */
  #filled: Set<PeerId> | undefined
  #born = 0
  #gone = 0

  /** `keysAsked`: the most of one request. */
  constructor(init: PopulatedMeshInit, keysAsked: number) {
    this.#init = init
    this.#random = chance(init.seed)
    this.#lots = chance(init.seed + 2)
    this.#keysAsked = keysAsked
    this.#mesh = new SimulatedMesh({
      seed: init.seed,
      clock: this.clock,
      mesh: 'B'.repeat(43),
      read: signed => this.#register.read(signed, this.clock.now()),
    })
  }

  get peersGone(): number {
    return this.#gone
  }

  /** Cards that each key's bucket keeps, fewest first. */
  bucketSizes(): number[] {
    return this.#offered.map(offered => Math.min(offered, DISCOVERY_LIMITS.bucketCards)).sort((a, b) => a - b)
  }

  /** The honest peers that came last. */
  honest(count: number): SimulatedPeer[] {
    return [...this.#mesh.peers()].filter(({ behaviour }) => behaviour === 'honest').slice(-count)
  }

  /** The first five of a search through everything that has a card now. */
  trueFive(text: string): string[] {
    const hasCard = (at: number) => this.#agents[at]?.card !== undefined
    return this.#everything.search(text, 5, hasCard).flatMap(at => this.#agents[at]?.card?.agent ?? [])
  }

  populate(onProgress: (what: string) => void): void {
    const { agents, peers, seed } = this.#init
    for (const described of descriptions(agents, seed)) {
      this.#agents.push(agentOf(described, (features, stems) => this.#everything.add(features, stems)))
      if (this.#agents.length % 100_000 === 0) onProgress(`${this.#agents.length} described`)
    }
    const ids = Array.from({ length: peers }, () => this.#join())
    for (const at of this.#agents.keys()) this.#hosted.get(ids[at % peers] as PeerId)?.push(at)
    for (const id of ids) this.#issue(id)
    if (agents > ALL_PEERS_FILLED) this.#filled = this.#willBeAsked()
  }

  /** As if everybody had published: each key's cards at the closest peers that answer, by the holders' own door. */
  publishAll(): void {
    const byKey = new Map<string, HeldCard[]>()
    for (const card of this.#agents.flatMap(agent => agent.card ?? []))
      for (const key of card.features.keys) {
        const cards = byKey.get(key) ?? []
        byKey.set(key, cards)
        cards.push(card)
      }
    for (const [key, cards] of byKey) {
      this.#offered.push(cards.length)
      this.#place(key, cards)
    }
  }

  /** Peers that go and come in a while, evenly. */
  async turnOvers(ms: number): Promise<void> {
    const { churnPerHour, peers } = this.#init
    const count = Math.round((churnPerHour * peers * ms) / HOUR)
    for (let n = 0; n < count; n++) {
      await sleep(this.clock, ms / count)
      await this.#turnOver()
    }
    if (count === 0) await sleep(this.clock, ms)
  }

  /** A peer goes without a word, another one comes and takes its agents over. */
  async #turnOver(): Promise<void> {
    const ids = [...this.#hosted.keys()]
    const goes = ids[Math.floor(this.#random() * ids.length)] as PeerId
    const agents = this.#hosted.get(goes) ?? []
    for (const at of agents) (this.#agents[at] as Agent).card = undefined
    this.#mesh.remove(goes)
    this.#hosted.delete(goes)
    this.#gone += 1
    const comes = this.#join()
    this.#hosted.set(comes, agents)
    this.#filled?.add(comes)
    for (const id of this.#mesh.tables.neighbours(comes, DISCOVERY_LIMITS.closest))
      if (this.#mesh.peer(id)?.behaviour === 'honest') this.#mesh.peer(id)?.handOver(comes)
    const cards = this.#issue(comes)
    const peer = this.#mesh.peer(comes) as SimulatedPeer
    if (this.#gone > COUNTED_NEWCOMERS) {
      for (const card of cards) for (const key of card.features.keys) this.#place(key, [card])
      return
    }
    peer.publication.update(cards)
    // the others go on meanwhile
    void peer.publication.publish(this.#never).then(() => {
      this.publication.messages += peer.traffic.messages
      this.publication.bytes += peer.traffic.bytes
      this.publication.cards += cards.length
    })
  }

  /** Holders of all keys of all requests. */
  #willBeAsked(): Set<PeerId> {
    const requests = sampleOfRequests(this.#init.requests, this.#init.seed + 1)
    const keys = new Set(requests.flatMap(({ text }) => keysOfRequest(text).slice(0, this.#keysAsked)))
    return new Set([...keys].flatMap(key => this.#holders(key, DISCOVERY_LIMITS.copies)))
  }

  /** The closest peers that answer. */
  #holders(key: string, count: number): PeerId[] {
    const answers = (id: PeerId) => this.#mesh.peer(id)?.behaviour !== 'silent'
    return this.#mesh.tables.alive(wordKey(this.#mesh.init.mesh, key), count, answers)
  }

  #place(key: string, cards: readonly HeldCard[]): void {
    for (const id of this.#holders(key, DISCOVERY_LIMITS.copies))
      if (this.#filled?.has(id) !== false) this.#fill(this.#mesh.peer(id) as SimulatedPeer, key, cards)
  }

  #join(): PeerId {
    const { silent, lying } = this.#init
    const id = peerIdAt(this.#born++)
    const lot = this.#random()
    let behaviour: Behaviour = 'honest'
    if (lot < silent) behaviour = 'silent'
    else if (lot < silent + lying) behaviour = lot < silent + lying / 2 ? 'denies' : 'hides'
    this.#mesh.add(id, behaviour)
    this.#hosted.set(id, [])
    return id
  }

  /** New cards of all agents of a peer. */
  #issue(id: PeerId): HeldCard[] {
    return (this.#hosted.get(id) ?? []).map(at => {
      const agent = this.#agents[at] as Agent
      agent.card = this.#register.note(cardAt(agent, id, at, this.clock.now()))
      return agent.card
    })
  }

  /** In the order of the holder's lots: a full bucket then refuses at the door what it would drop. */
  #fill(holder: SimulatedPeer, key: string, cards: readonly HeldCard[]): void {
    const byLot = cards.map(card => ({ card, lot: holder.lotOf(card.agent) })).sort((a, b) => a.lot - b.lot)
    const inOrder = byLot.map(({ card }) => card)
    for (let from = 0; from < inOrder.length; from += CARDS_AT_ONCE) {
      const some: SignedCard[] = inOrder.slice(from, from + CARDS_AT_ONCE).map(({ signed }) => signed)
      const message: Message<'index_store'> = { type: 'index_store', cards: some, keys: [[key, [...some.keys()]]] }
      // each message from another peer: what one may store in a second is no matter here
      holder.holder.store(`${from}`, message)
    }
    for (const { agent, publisher } of cards) this.#bring(holder, publisher, agent)
  }

  /** What a publisher stores at one holder is one message, or nearly so. */
  #bring(holder: SimulatedPeer, publisher: PeerId, stored: AgentId): void {
    const publishers = this.#stored.get(holder.id) ?? new Set()
    this.#stored.set(holder.id, publishers)
    if (publishers.has(publisher)) return
    publishers.add(publisher)
    const others = (this.#hosted.get(publisher) ?? []).flatMap(at => this.#agents[at]?.card ?? [])
    const another = others.filter(({ agent }) => agent !== stored)[Math.floor(this.#lots() * (others.length - 1))]
    if (another !== undefined)
      holder.holder.store(publisher, { type: 'index_store', cards: [another.signed], keys: [] })
  }
}

const DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Looks like a PeerId; nobody has its key. */
function peerIdAt(n: number): PeerId {
  let [rest, text] = [n, '']
  while (text.length < 44) {
    text = DIGITS[rest % DIGITS.length] + text
    rest = Math.floor(rest / DIGITS.length)
  }
  return `12D3KooW${text}`
}
