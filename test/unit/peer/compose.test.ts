/** Peers composed on a network in memory: cards, questions and spaces between them, without sockets and disks. */
import type { Replica } from '@amp-mesh/context'
import { MemoryStorage, question } from '@amp-mesh/context'
import { type ComposedPeer, composePeer, type MemoryNetwork, MemorySwitchboard, type PeerParts } from '@amp-mesh/peer'
import { knownMesh, systemClock, systemRandom } from '@amp-mesh/peer/node'
import {
  decodeMessage,
  encodeFrames,
  encodeGenesis,
  encodeMessage,
  FrameReader,
  identityFromSeed,
  type Message,
  PEER_LIMITS,
  type PeerId,
  type Storage,
  type Stream,
  verifyPortable,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { IndexHolding } from '../../../packages/peer/src/index-holding.ts'
import { wireNames } from '../../../packages/peer/src/protocols.ts'
import { until } from '../../until.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const founder = identityFromSeed(new Uint8Array(32).fill(9))
const mesh = knownMesh({ v: 1, name: 'memory', key: founder.publicKey, verifiers: [], limits: {} })
/** Of a question that nobody is to answer. */
const BRIEF = { offerWindowMs: 50, budgetMs: 200 }
type Card = Message<'cards'>['cards'][number]
const flights = {
  name: 'flights',
  capabilities: [{ text: 'books flights to any city' }],
  operator: 'test',
  model: 'none',
  state: 'ready' as const,
}

describe('peers', () => {
  const running = new Set<ComposedPeer>()
  afterEach(async () => {
    await Promise.all([...running].map(peer => peer.stop()))
    running.clear()
  })

  async function start(board: MemorySwitchboard, n: number, storage: Storage = new MemoryStorage()) {
    const identity = identityFromSeed(new Uint8Array(32).fill(n))
    const network = board.network(identity.peerId)
    const parts: PeerParts = {
      mesh,
      network,
      storage,
      identity,
      verify: verifyPortable,
      clock: systemClock,
      random: systemRandom,
      logger: silent,
      newHolding: init => new IndexHolding(init),
      keep: peer => void network.connect(`/memory/${peer}`).catch(() => {}),
      started: () => {},
      close: async () => {},
    }
    const peer = await composePeer(parts)
    running.add(peer)
    return { peer, network }
  }

  async function pair() {
    const board = new MemorySwitchboard()
    const [ada, bob] = [await start(board, 1), await start(board, 2)]
    await ada.network.connect(`/memory/${bob.peer.identity.peerId}`)
    await until('a link', () => ada.peer.peers()[0]?.state === 'reachable' && bob.peer.peers().length === 1)
    return { board, ada: ada.peer, bob: bob.peer, adaNetwork: ada.network }
  }

  it('learn cards by gossip from neighbours, and by pulling from whoever knew before', async () => {
    const { board, ada, bob } = await pair()
    await bob.announce([flights])
    await until('ada heard it', () => ada.peers()[0]?.agents.length === 1)
    const carol = await start(board, 3)
    await carol.network.connect(`/memory/${ada.identity.peerId}`)
    await carol.peer.introduced(AbortSignal.timeout(5_000))
    const found = await Array.fromAsync(carol.peer.find('book flights to Rome'))
    expect(found.map(({ agent }) => agent)).toEqual([`amp://${bob.identity.peerId}/flights`])
  })

  it('take an agent that left for gone', async () => {
    const { ada, bob } = await pair()
    await bob.announce([flights])
    await until('ada heard it', () => ada.peers()[0]?.agents.length === 1)
    await bob.announce([])
    await until('ada heard that it is gone', () => ada.peers()[0]?.agents[0]?.state === 'gone')
    expect(await Array.fromAsync(ada.find('book flights to Rome', { signal: AbortSignal.timeout(2_000) }))).toEqual([])
  })

  it('invite the fitting ones, who join as verifiers and hold the question', async () => {
    const { ada, bob } = await pair()
    await bob.announce([flights])
    await until('ada heard it', () => ada.peers()[0]?.agents.length === 1)
    const heard: string[] = []
    bob.onInvitation(({ question, verifier }) => heard.push(`${question.op.query} ${verifier}`))
    const asking = ada.ask('book flights to Rome', { offerWindowMs: 100, budgetMs: 1_000 })
    const id = await asking.space
    await until('bob carries the space', () => bob.space(id) !== undefined)
    const space = bob.space(id)
    if (space === undefined) throw new Error('no space')
    expect(question(space.replica.records, space.genesis)?.op.query).toBe('book flights to Rome')
    expect(heard).toEqual(['book flights to Rome true'])
    expect((await asking.answer).outcome).toBe('no-agents')
  })

  it('tell the asker of a member that falls silent while the question is open', async () => {
    const { ada, bob } = await pair()
    await bob.announce([flights])
    await until('ada heard it', () => ada.peers()[0]?.agents.length === 1)
    const stop = new AbortController()
    const asking = ada.ask('book flights to Rome', { budgetMs: 60_000, signal: stop.signal })
    const silent: PeerId[] = []
    const heard = (async () => {
      for await (const happening of asking) if (happening.type === 'suspected') silent.push(happening.peer)
    })()
    const id = await asking.space
    await until('bob carries the space', () => bob.space(id) !== undefined)
    await bob.stop()
    await until('ada is told', () => silent.length > 0)
    stop.abort()
    await heard
    expect(silent).toEqual([bob.identity.peerId])
  })

  it('tell whoever hosts agents later what came before', async () => {
    const { ada, bob } = await pair()
    await bob.announce([flights])
    await until('ada heard it', () => ada.peers()[0]?.agents.length === 1)
    const id = await ada.ask('book flights to Rome', { budgetMs: 3_000 }).space
    await until('bob carries the space', () => bob.space(id) !== undefined)
    const heard: string[] = []
    bob.onInvitation(({ space }) => heard.push(space))
    expect(heard).toEqual([id])
  })

  it('open the spaces on their disk again', async () => {
    const board = new MemorySwitchboard()
    const disk = new MemoryStorage()
    const before = await start(board, 1, disk)
    const { space } = await before.peer.ask('is anybody there?', BRIEF).answer
    const records = before.peer.space(space)?.replica.records.size
    await before.peer.stop()
    const { peer } = await start(board, 1, disk)
    expect(peer.spaces().map(({ id }) => id)).toEqual([space])
    expect(peer.space(space)?.replica.records.size).toBe(records)
  })

  it('[G4.rate] let no new question push out one that runs', async () => {
    const board = new MemorySwitchboard()
    const { peer } = await start(board, 1)
    const members = [peer.identity.peerId]
    for (let i = 0; i < PEER_LIMITS.openSpaces; i++) await peer.createSpace({ name: `space ${i}`, members })
    await expect(peer.createSpace({ name: 'one more', members })).rejects.toMatchObject({ code: 'busy' })
    expect(peer.spaces()).toHaveLength(PEER_LIMITS.openSpaces)
  })

  it('refuse what is no question, and say so by code alone', async () => {
    const board = new MemorySwitchboard()
    const { peer: asker } = await start(board, 1)
    const { space } = await asker.ask('is anybody there?', BRIEF).answer
    const asked = asker.space(space)?.replica as Replica | undefined
    const segment = asked?.questionSegment()
    if (asked === undefined || segment === undefined) throw new Error('no question')
    const genesis = encodeGenesis(asked.genesis)
    const now = Date.now()
    const sound = { type: 'broadcast', id: 'x', time: now, space, genesis, question: segment } as const
    const lies: Message[] = [
      { ...sound, space: `${'q'.repeat(42)}A` },
      { ...sound, question: segment.map((byte, i) => (i === segment.length - 1 ? byte ^ 1 : byte)) },
      { ...sound, genesis: genesis.subarray(0, -1) },
    ]

    const { peer: victim } = await start(board, 2)
    const invited: string[] = []
    victim.onInvitation(invitation => invited.push(invitation.space))
    const mallory = await Mallory.meets(board, victim.identity.peerId)
    await until('mallory is greeted', () => victim.peers().length === 1)
    for (const lie of lies) mallory.say(lie)
    await until('three refusals', () => mallory.errors().length === 3)
    expect(mallory.errors()).toEqual(['bad-message', 'bad-message', 'bad-message'])
    expect(invited).toEqual([])
    mallory.say({ ...sound, time: now - 10 * 60_000 })
    mallory.say(sound)
    await until('the sound one is heard', () => invited.length === 1)
    expect(mallory.errors()).toHaveLength(3)
    await mallory.leave()
  })

  it('[G4.rate] pass a flooded question on once, whoever floods it, and nothing that is not sound', async () => {
    const board = new MemorySwitchboard()
    const peers = await Promise.all([1, 2].map(n => start(board, n)))
    const [asker, victim] = peers.map(({ peer }) => peer) as [ComposedPeer, ComposedPeer]
    const { space } = await asker.ask('is anybody there?', BRIEF).answer
    const asked = asker.space(space)?.replica as Replica
    const question = asked.questionSegment()
    if (question === undefined) throw new Error('no question')
    const genesis = encodeGenesis(asked.genesis)
    const sound = { type: 'broadcast', id: 'x', time: Date.now(), space, genesis, question } as const
    const topic = wireNames(mesh.id).topics.broadcast
    const [mallory, listener] = [7, 8].map(n => board.network(identityFromSeed(new Uint8Array(32).fill(n)).peerId))
    if (mallory === undefined || listener === undefined) throw new Error('no networks')
    const heard: Message[] = []
    listener.subscribe(topic, bytes => {
      heard.push(decodeMessage(bytes, { maxBytes: WIRE_LIMITS.gossip }))
      return 'accept'
    })
    for (const network of [mallory, listener]) {
      await network.start()
      await network.connect(`/memory/${victim.identity.peerId}`)
    }
    const flood = (message: Message) => mallory.publish(topic, encodeMessage(message))
    await flood({ ...sound, question: question.map((byte, i) => (i === question.length - 1 ? byte ^ 1 : byte)) })
    await flood(sound)
    await flood({ ...sound, id: 'y', time: sound.time + 1 })
    const other = { ...sound, id: 'last', time: sound.time + 2 }
    const { space: last } = await asker.ask('is anybody else there?', BRIEF).answer
    const next = asker.space(last)?.replica as Replica
    await flood({
      ...other,
      space: last,
      genesis: encodeGenesis(next.genesis),
      question: next.questionSegment() ?? question,
    })
    await until('the last question came through', () => heard.length === 2)
    expect(heard.map(message => message.type === 'broadcast' && message.space)).toEqual([space, last])
    await Promise.all([mallory, listener].map(network => network.stop()))
  })

  it('tell of many agents in few messages, pass sound ones on, and none in which a card is forged', async () => {
    const board = new MemorySwitchboard()
    const [{ peer: ada }, { peer: bob }] = [await start(board, 1), await start(board, 2)]
    const { cards, batches } = wireNames(mesh.id).topics
    const [mallory, listener] = [7, 8].map(n => board.network(identityFromSeed(new Uint8Array(32).fill(n)).peerId))
    if (mallory === undefined || listener === undefined) throw new Error('no networks')
    const heard: { topic: string; said: Message<'cards'>['cards'] }[] = []
    for (const topic of [cards, batches])
      listener.subscribe(topic, bytes => {
        const message = decodeMessage(bytes, { maxBytes: WIRE_LIMITS.gossip })
        if (message.type === 'cards') heard.push({ topic, said: message.cards })
        return 'accept'
      })
    for (const network of [mallory, listener]) await network.start()
    await listener.connect(`/memory/${ada.identity.peerId}`)
    const many = Array.from({ length: 30 }, (_, n) => ({ ...flights, name: `flights-${n}` }))
    await ada.announce(many)
    await until('all 30 are heard of', () => heard.flatMap(({ said }) => said).length === 30)
    expect(heard.map(({ topic, said }) => [topic, said.length])).toEqual([12, 12, 6].map(count => [batches, count]))
    await ada.announce([...many, flights])
    await until('the last one is heard of', () => heard.length === 4)
    expect(heard.at(-1)).toMatchObject({ topic: cards, said: { length: 1 } })

    const [first, second, third] = heard.flatMap(({ said }) => said) as [Card, Card, Card]
    const forged = { ...second, signature: third.signature }
    const tell = (topic: string, some: Card[]) =>
      mallory.publish(topic, encodeMessage({ type: 'cards', cards: some, more: false }))
    heard.length = 0
    await listener.disconnect(ada.identity.peerId)
    for (const network of [mallory, listener]) await network.connect(`/memory/${bob.identity.peerId}`)
    await tell(batches, [first, forged])
    await tell(cards, [second, third])
    await tell(batches, [second, third])
    await until('the sound ones are passed on', () => heard.length > 0)
    expect(heard).toEqual([{ topic: batches, said: [second, third] }])
    await Promise.all([mallory, listener].map(network => network.stop()))
  })
})

/** Speaks the protocol by hand. */
class Mallory {
  readonly #network: MemoryNetwork
  readonly #amp: Stream
  readonly #answers: Message[] = []

  static async meets(board: MemorySwitchboard, victim: PeerId): Promise<Mallory> {
    const network = board.network(identityFromSeed(new Uint8Array(32).fill(7)).peerId)
    await network.start()
    await network.connect(`/memory/${victim}`)
    const lanes = [
      await network.open(victim, wireNames(mesh.id).amp),
      await network.open(victim, wireNames(mesh.id).sync),
    ]
    const hello = encodeMessage({ type: 'hello', protocol: '1.0', features: [], mesh: mesh.id })
    for (const lane of lanes) lane.send(encodeFrames([hello]))
    return new Mallory(network, lanes[0] as Stream)
  }

  private constructor(network: MemoryNetwork, amp: Stream) {
    this.#network = network
    this.#amp = amp
    void this.#read().catch(() => {})
  }

  say(message: Message): void {
    this.#amp.send(encodeFrames([encodeMessage(message)]))
  }

  errors(): string[] {
    return this.#answers.flatMap(answer => (answer.type === 'error' ? [answer.code] : []))
  }

  leave(): Promise<void> {
    return this.#network.stop()
  }

  async #read(): Promise<void> {
    const reader = new FrameReader(WIRE_LIMITS.message)
    for await (const chunk of this.#amp.incoming())
      for (const body of reader.push(chunk)) this.#answers.push(decodeMessage(body, { maxBytes: WIRE_LIMITS.message }))
  }
}
