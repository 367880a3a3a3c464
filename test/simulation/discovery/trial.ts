/**
 * A mesh of many agents under faults, asked real requests: what the product's lookup finds of what a search through
 * everything finds, and what it costs.
 */
import { type HeldCard, keysOfRequest, Lookup, type SearchPorts, search, wordKey } from '@amp-mesh/discovery'
import { DISCOVERY_LIMITS, type Message, type PeerId, type SignedCard, sleep } from '@amp-mesh/protocol'
import { chance } from './chance.ts'
import { descriptions, type Labelled, sampleOfRequests } from './corpus.ts'
import { Exhaustive } from './exhaustive.ts'
import { type Agent, agentOf, cardAt, Register } from './population.ts'
import { type Behaviour, SimulatedMesh, type SimulatedPeer } from './simulated-mesh.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface TrialInit {
  agents: number
  peers: number
  requests: number
  seed: number
  /** Shares of peers, and of peers that go (and others that come) in an hour. */
  silent: number
  lying: number
  churnPerHour: number
}

export interface Trial {
  init: TrialInit
  /** Share of the true five that are the asker's first five after n keys, n = 1, 2, 3 …; mean over the requests. */
  recall: number[]
  /** Share of the true five among all cards that these keys brought: what no ranking can exceed. */
  brought: number[]
  /** With the product's own rule of when to stop. */
  shipped: { recall: number; lookups: number; messages: number; bytes: number; ms: number }
  /** Keys asked for until nine of ten true ones are there; undefined when they never are. */
  lookupsFor90: number | undefined
  /** Cards kept under a key. */
  buckets: { count: number; mean: number; p99: number; max: number }
  /** Messages and bytes of publishing, by those peers that came while the clock ran: a card. */
  publication: { messages: number; bytes: number; cardsPerPeer: number }
  peersGone: number
}

export const FAULTS = { silent: 0.2, lying: 0.05, churnPerHour: 0.3 } as const
/** The most keys asked for one request: what `recall` ends with. */
export const MOST_KEYS = 16
const MINUTE = 60_000
/** How old what was published is when the first request is asked. */
const AGE_MS = 5 * MINUTE
/** Requests are asked within so long. */
const ASKING_MS = 2 * MINUTE
/** Peers that ask, turn by turn: each has its own experience with holders. */
const ASKERS = 20
/** Newcomers that publish message by message, so that it can be counted. */
const COUNTED_NEWCOMERS = 20
const CARDS_AT_ONCE = 64
/** In a mesh of more agents the buckets that nobody asks for stay empty: they would take minutes and gigabytes. */
const ALL_KEYS_FILLED = 200_000

export async function trial(init: TrialInit, onProgress: (what: string) => void = () => {}): Promise<Trial> {
  const world = new World(init)
  world.populate(onProgress)
  onProgress('populated')
  world.publishAll()
  onProgress('published')
  return world.ask(onProgress)
}

class World {
  readonly #init: TrialInit
  readonly #random: () => number
  readonly #clock = new VirtualClock()
  readonly #register = new Register()
  readonly #mesh: SimulatedMesh
  readonly #everything = new Exhaustive()
  readonly #agents: Agent[] = []
  /** Positions of the agents each peer hosts. */
  readonly #hosted = new Map<PeerId, number[]>()
  readonly #publication = { messages: 0, bytes: 0, cards: 0 }
  readonly #never = new AbortController().signal
  /** Cards under each key. */
  readonly #offered: number[] = []
  /** In a great mesh only the keys that will be asked for are filled; undefined: all. */
  readonly #asked: ReadonlySet<string> | undefined
  #born = 0
  #gone = 0

  constructor(init: TrialInit) {
    this.#init = init
    this.#random = chance(init.seed)
    if (init.agents > ALL_KEYS_FILLED) {
      const requests = sampleOfRequests(init.requests, init.seed + 1)
      this.#asked = new Set(requests.flatMap(({ text }) => keysOfRequest(text).slice(0, MOST_KEYS)))
    }
    this.#mesh = new SimulatedMesh({
      seed: init.seed,
      clock: this.#clock,
      mesh: 'B'.repeat(43),
      read: signed => this.#register.read(signed, this.#clock.now()),
    })
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
  }

  /** As if everybody had published: each key's cards at the closest peers that answer, by the holders' own door. */
  publishAll(): void {
    const byKey = new Map<string, HeldCard[]>()
    for (const { card, features } of this.#agents)
      for (const key of features.keys) {
        const cards = byKey.get(key)
        if (card !== undefined) byKey.set(key, cards ?? [])
        if (card !== undefined) byKey.get(key)?.push(card)
      }
    for (const [key, cards] of byKey) {
      this.#offered.push(cards.length)
      if (this.#asked !== undefined && !this.#asked.has(key)) continue
      const place = wordKey(this.#mesh.init.mesh, key)
      const answers = (id: PeerId) => this.#mesh.peer(id)?.behaviour !== 'silent'
      for (const id of this.#mesh.tables.alive(place, DISCOVERY_LIMITS.copies, answers))
        this.#fill(this.#mesh.peer(id) as SimulatedPeer, key, cards)
    }
  }

  async ask(onProgress: (what: string) => void): Promise<Trial> {
    const { requests, seed } = this.#init
    await this.#clock.until(this.#turnOvers(AGE_MS))
    onProgress(`${this.#gone} peers went and came`)
    const sample = sampleOfRequests(requests, seed + 1)
    const askers = [...this.#mesh.peers()].filter(({ behaviour }) => behaviour === 'honest').slice(-ASKERS)
    const results: Answered[] = []
    const turns = askers.map(async (asker, nth) => {
      for (const request of sample.filter((_, n) => n % askers.length === nth)) {
        results.push(await this.#request(request, asker))
        if (results.length % 50 === 0) onProgress(`${results.length} of ${requests} requests`)
      }
    })
    await this.#clock.until(Promise.all([...turns, this.#turnOvers(ASKING_MS)]))
    return this.#summary(results)
  }

  async #request(request: Labelled, asker: SimulatedPeer): Promise<Answered> {
    const alive = (at: number) => this.#agents[at]?.card !== undefined
    const truth = new Set(
      this.#everything.search(request.text, 5, alive).flatMap(at => this.#agents[at]?.card?.agent ?? []),
    )
    const share = (agents: Iterable<string>) => [...agents].filter(agent => truth.has(agent)).length / truth.size
    const log = new Log(asker.ports())
    const everyKey = { keys: MOST_KEYS, exhaustive: true }
    await Array.fromAsync(search(request.text, log.ports, { lookups: 0, messages: 0, bytes: 0 }, this.#never, everyKey))
    const steps = log.after(request.text)
    const before = { ...asker.traffic }
    const started = this.#clock.now()
    const cost = { lookups: 0, messages: 0, bytes: 0 }
    const lookup = (await Array.fromAsync(search(request.text, asker.ports(), cost, this.#never))).at(-1)
    return {
      truth: truth.size,
      recall: steps.map(found => share(found.slice(0, 5))),
      brought: steps.map(share),
      shipped: {
        recall: share(agentsOf(lookup).slice(0, 5)),
        lookups: cost.lookups,
        messages: asker.traffic.messages - before.messages,
        bytes: asker.traffic.bytes - before.bytes,
        ms: this.#clock.now() - started,
      },
    }
  }

  /** Peers that go and come in a while, evenly. */
  async #turnOvers(ms: number): Promise<void> {
    const { churnPerHour, peers } = this.#init
    const count = Math.round((churnPerHour * peers * ms) / (60 * MINUTE))
    for (let n = 0; n < count; n++) {
      await sleep(this.#clock, ms / count)
      await this.#turnOver()
    }
    if (count === 0) await sleep(this.#clock, ms)
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
    for (const id of this.#mesh.tables.neighbours(comes, DISCOVERY_LIMITS.closest))
      if (this.#mesh.peer(id)?.behaviour === 'honest') this.#mesh.peer(id)?.handOver(comes)
    const cards = this.#issue(comes)
    const peer = this.#mesh.peer(comes) as SimulatedPeer
    if (this.#gone > COUNTED_NEWCOMERS) return this.#placeUncounted(cards)
    peer.publication.update(cards)
    // the others go on meanwhile
    void peer.publication.publish(this.#never).then(() => {
      this.#publication.messages += peer.traffic.messages
      this.#publication.bytes += peer.traffic.bytes
      this.#publication.cards += cards.length
    })
  }

  #placeUncounted(cards: readonly HeldCard[]): void {
    for (const card of cards)
      for (const key of card.features.keys) {
        if (this.#asked !== undefined && !this.#asked.has(key)) continue
        const answers = (id: PeerId) => this.#mesh.peer(id)?.behaviour !== 'silent'
        const place = wordKey(this.#mesh.init.mesh, key)
        for (const id of this.#mesh.tables.alive(place, DISCOVERY_LIMITS.copies, answers))
          this.#fill(this.#mesh.peer(id) as SimulatedPeer, key, [card])
      }
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
      agent.card = this.#register.note(cardAt(agent, id, at, this.#clock.now()))
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
  }

  #summary(results: readonly Answered[]): Trial {
    const counted = results.filter(({ truth }) => truth > 0)
    const mean = (value: (result: Answered) => number) =>
      counted.reduce((sum, result) => sum + value(result), 0) / counted.length
    const curve = (of: (result: Answered) => readonly number[]) =>
      Array.from({ length: MOST_KEYS }, (_, n) => mean(each => of(each)[n] ?? of(each).at(-1) ?? 0))
    const recall = curve(each => each.recall)
    const sizes = this.#offered.map(offered => Math.min(offered, DISCOVERY_LIMITS.bucketCards)).sort((a, b) => a - b)
    const { messages, bytes, cards } = this.#publication
    return {
      init: this.#init,
      recall,
      brought: curve(each => each.brought),
      shipped: {
        recall: mean(({ shipped }) => shipped.recall),
        lookups: mean(({ shipped }) => shipped.lookups),
        messages: mean(({ shipped }) => shipped.messages),
        bytes: mean(({ shipped }) => shipped.bytes),
        ms: mean(({ shipped }) => shipped.ms),
      },
      lookupsFor90: lookupsFor(recall, 0.9),
      buckets: {
        count: sizes.length,
        mean: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
        p99: sizes[Math.floor(0.99 * sizes.length)] ?? 0,
        max: sizes.at(-1) ?? 0,
      },
      publication: {
        messages: messages / cards,
        bytes: bytes / cards,
        cardsPerPeer: this.#agents.length / this.#init.peers,
      },
      peersGone: this.#gone,
    }
  }
}

interface Answered {
  truth: number
  recall: number[]
  brought: number[]
  shipped: Trial['shipped']
}

type Heard = Parameters<Lookup['hear']>[1]

/** Listens to what each key brings. */
class Log {
  readonly ports: SearchPorts
  readonly #answers = new Map<string, Heard[]>()

  constructor(ports: SearchPorts) {
    this.ports = {
      ...ports,
      query: async (holder, query, signal) => {
        const given = await ports.query(holder, query, signal)
        const { size, words, cards } = given.answer
        const heard = { size, words, cards: cards.flatMap(card => ports.read(card) ?? []) }
        this.#answers.set(query.key, [...(this.#answers.get(query.key) ?? []), heard])
        return given
      },
    }
  }

  /** What the product would have, best first, after the first key of the request, the first two … */
  after(text: string): string[][] {
    const lookup = new Lookup(text)
    return keysOfRequest(text)
      .slice(0, MOST_KEYS)
      .map(key => {
        for (const heard of this.#answers.get(key) ?? []) lookup.hear(key, heard)
        return agentsOf(lookup)
      })
  }
}

const agentsOf = (lookup: Lookup | undefined): string[] => lookup?.found().map(({ card }) => card.agent) ?? []

/** Between two whole numbers, as on a straight line. */
export function lookupsFor(recall: readonly number[], goal: number): number | undefined {
  const at = recall.findIndex(share => share >= goal)
  if (at <= 0) return at === 0 ? 1 : undefined
  const [before, after] = [recall[at - 1] as number, recall[at] as number]
  return at + (goal - before) / (after - before)
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
