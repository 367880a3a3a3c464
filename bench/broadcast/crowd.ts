/** A crowd: as many peers as one likes, each with one agent, on a network in memory and a clock of its own. */
import { type Host, hostAgents } from '@amp-mesh/agents'
import { MemoryStorage, offers, speakerKey, speakerOf } from '@amp-mesh/context'
import { type ComposedPeer, composePeer, MemorySwitchboard } from '@amp-mesh/peer'
import { knownMesh } from '@amp-mesh/peer/node'
import { toBase64url, type Verify } from '@amp-mesh/protocol'
import type { LiveSpace } from '../../packages/peer/src/live-space.ts'
import { wireNames } from '../../packages/peer/src/protocols.ts'
import { hashWithOpenSsl, identity, SeededRandom, silent, verifyOnce } from '../../test/simulation/space.ts'
import { Gauge, GaugedNetwork, type Sent } from './gauge.ts'
import type { Task } from './questions.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What one question came to. */
export interface Asked {
  /** Who offered, as keys of speakers, the surest first. */
  offers: string[]
  /** The question on its way, from all peers together. */
  asking: Sent
  /** What was said in its space, and to sync it. */
  within: Sent
  /** Peers that joined the space. */
  joined: number
  /** From asking to the first offer, ms. */
  firstOfferMs: number | undefined
}

/** One way between two peers, ms. */
const LATENCY_MS = 20
/** Neighbours each peer dials; with those that dial it it has about eight (`TRANSPORT_LIMITS.neighbours`). */
const DIALS = 4
/** Peers that start together. */
const PARTY = 50
/** How long a question is watched, ms: three offer windows. */
const WATCH_MS = 3_000

const mesh = knownMesh({ v: 1, name: 'crowd', key: identity(0).publicKey, verifiers: [], limits: {} })
const names = wireNames(mesh.id)

export class Crowd {
  readonly #clock = new VirtualClock()
  readonly #gauge = new Gauge()
  readonly #random: SeededRandom
  readonly #board: MemorySwitchboard
  readonly #peers: ComposedPeer[] = []
  readonly #networks: GaugedNetwork[] = []
  readonly #hosts: Host[] = []

  private constructor(seed: number) {
    this.#random = new SeededRandom(seed)
    this.#board = new MemorySwitchboard({ clock: this.#clock, latencyMs: LATENCY_MS })
  }

  /** The asker and a peer for each description, all linked to some, the asker knowing the cards of all. */
  static async gather({ descriptions }: Task, seed: number): Promise<Crowd> {
    const crowd = new Crowd(seed)
    await crowd.#join(undefined)
    for (let at = 0; at < descriptions.length; at += PARTY) {
      const party = descriptions.slice(at, at + PARTY)
      await Promise.all(party.map(each => crowd.#join(each)))
      await crowd.#until('the links of a party', () => crowd.#peers.every(peer => peer.peers().length > 0))
    }
    const all = descriptions.length
    await crowd.#until('all cards', () => crowd.#asker.peers().filter(({ agents }) => agents.length > 0).length === all)
    return crowd
  }

  async ask(query: string, scope: 'best' | 'all'): Promise<Asked> {
    await this.#clock.run(1_000)
    this.#gauge.take()
    const stop = new AbortController()
    const started = this.#clock.now()
    const asking = this.#asker.ask(query, { scope, fresh: true, signal: stop.signal })
    let firstOfferMs: number | undefined
    void (async () => {
      for await (const { type } of asking) if (type === 'capability_match') firstOfferMs ??= this.#clock.now() - started
    })()
    const id = await this.#promised(asking.space)
    await this.#clock.run(WATCH_MS)
    const way = this.#gauge.take()
    const spaces = this.#peers.flatMap(peer => peer.space(id) ?? []) as LiveSpace[]
    const records = this.#asker.space(id)?.replica.records
    const made = records === undefined ? [] : offers(records)
    const sure = [...made].sort((a, b) => b.op.confidence - a.op.confidence)
    const asked: Asked = {
      offers: sure.map(offer => speakerKey(speakerOf(offer))),
      asking: way,
      within: trafficOf(spaces),
      joined: spaces.length,
      firstOfferMs,
    }
    stop.abort()
    await this.#promised(asking.answer)
    return asked
  }

  async close(): Promise<void> {
    await Promise.all(this.#hosts.map(host => host.close()))
    const stopped = Promise.all(this.#peers.map(peer => peer.stop()))
    await this.#promised(stopped)
  }

  get #asker(): ComposedPeer {
    return this.#peers[0] as ComposedPeer
  }

  /** Starts a peer; the one without a description is the asker. */
  async #join(agent: Task['descriptions'][number] | undefined): Promise<void> {
    const who = identity(this.#networks.length)
    const memory = this.#board.network(who.peerId)
    const asker = this.#networks[0]
    const cardsTo = asker && ((topic: string, bytes: Uint8Array) => asker.hear(topic, bytes))
    const network = new GaugedNetwork({
      ...{ network: memory, gauge: this.#gauge, cardsTo },
      ...{ counted: names.topics.broadcast, cardsTopics: [names.topics.cards, names.topics.batches] },
      cardProtocol: names.card,
    })
    const earlier = [...this.#networks]
    this.#networks.push(network)
    const peer = await composePeer({
      ...{ mesh, network, identity: who, verify, hash: hashWithOpenSsl, logger: silent, metrics: this.#gauge },
      storage: new MemoryStorage(),
      clock: this.#clock,
      random: new SeededRandom(this.#random.below(2 ** 31)),
      keep: other => void memory.connect(`/memory/${other}`).catch(() => {}),
      started: () => {},
      close: async () => {},
    })
    this.#peers.push(peer)
    for (const other of this.#random.shuffled(earlier).slice(0, DIALS))
      void memory.connect(`/memory/${other.self}`).catch(() => {})
    if (agent !== undefined) this.#hosts.push(await hostAgents(peer, [agentOf(agent)]))
  }

  async #until(what: string, done: () => boolean): Promise<void> {
    if (!(await this.#clock.run(60_000, done))) throw new Error(`${what} did not come about`)
  }

  /** The value of a promise that needs time to pass. */
  async #promised<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const end = () => {
      settled = true
    }
    promise.then(end, end)
    await this.#clock.run(60_000, () => settled)
    return promise
  }
}

/** Each message is counted where it is sent and where it arrives, but the question only where it is sent. */
function trafficOf(spaces: readonly LiveSpace[]): Sent {
  const sum = (of: (space: LiveSpace) => number) => spaces.reduce((total, space) => total + of(space), 0)
  return {
    messages: Math.round(sum(({ traffic }) => traffic.messages) / 2),
    bytes: Math.round(sum(({ traffic }) => traffic.bytes) / 2),
  }
}

/** Judges itself as agents do that bring no judgement of their own, and has nothing to say. */
const agentOf = ({ name, description }: Task['descriptions'][number]) => ({
  name: nameOf(name),
  capabilities: [{ text: description.slice(0, 512) || name.slice(0, 512) }],
  contribute: async () => {},
})

const nameOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48) || 'unnamed'

const verdicts = new Map<string, boolean>()
/** The real verdict, computed once: a thousand peers check the same signature. */
const verify: Verify = (signature, bytes, publicKey) => {
  const name = toBase64url(signature) + toBase64url(bytes) + toBase64url(publicKey)
  const verdict = verdicts.get(name) ?? verifyOnce(signature, bytes, publicKey)
  verdicts.set(name, verdict)
  return verdict
}
