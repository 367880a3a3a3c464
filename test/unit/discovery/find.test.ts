/** Finding: from the directory at once, then from the index of a simulated DHT; whoever is silent or lies. */
import type { SignedCard } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import {
  type Candidate,
  CardIndex,
  CardReader,
  type FindOptions,
  find,
  LexicalEmbedder,
} from '../../../packages/discovery/src/index.ts'
import { type Behaviour, SimulatedMesh } from '../../simulation/discovery/simulated-mesh.ts'
import { VirtualClock } from '../../simulation/discovery/virtual-clock.ts'
import { verifyOnce } from '../../simulation/space.ts'
import { cardOf, directory, MESH, NOW, peerId, sign } from './mesh.ts'

/** Peers 1 to 6 make the mesh; this one asks. */
const SELF = 9
const MINUTE = 60_000

interface Story {
  /** Cards by peer: each publishes its own. */
  cards?: { peer: number; signed: SignedCard }[]
  behaviours?: Record<number, Behaviour>
}

async function meshOf({ cards = [], behaviours = {} }: Story = {}) {
  const clock = new VirtualClock(NOW)
  const reader = new CardReader({ mesh: MESH, verify: verifyOnce, clock })
  const mesh = new SimulatedMesh({ seed: 1, clock, mesh: MESH, read: signed => reader.read(signed) })
  for (const peer of [1, 2, 3, 4, 5, 6, SELF]) mesh.add(peerId(peer), behaviours[peer])
  const never = new AbortController().signal
  for (const peer of mesh.peers()) {
    const own = cards.filter(card => peerId(card.peer) === peer.id).flatMap(({ signed }) => reader.read(signed) ?? [])
    peer.publication.update(own)
    await clock.until(peer.publication.publish(never))
  }
  const self = mesh.peer(peerId(SELF))
  if (self === undefined) throw new Error('nobody asks')
  const own = directory(clock)
  const index = new CardIndex({ embedder: new LexicalEmbedder() })
  index.follow(own)
  const ports = { ...self.ports(), directory: own, index, foundIndex: new CardIndex({ embedder: index.embedder }) }
  const search = (text: string, options: FindOptions = {}) => find(text, { ...ports, ...options })
  const collect = (text: string, options?: FindOptions) => clock.until(Array.fromAsync(search(text, options)))
  return { clock, mesh, self, own, search, collect }
}

async function published(peer: number, name: string, capability: string, state: 'ready' | 'draining' = 'ready') {
  return { peer, signed: await sign(peer, cardOf(peer, name, [capability], { state })) }
}

const namesOf = (candidates: readonly Candidate[]) => candidates.map(({ agent }) => agent.split('/').at(-1))
const hotels = () => published(1, 'hotels', 'Books hotels in any city')

describe('[P4.find] find', () => {
  it('gives the directory’s best first, without asking the DHT when they are enough', async () => {
    const { self, own, collect } = await meshOf({ cards: [await published(3, 'other', 'Books hotels')] })
    for (const [name, capability] of [
      ['hotels', 'Books hotels in any city'],
      ['trips', 'Plans journeys and books a hotel or a train'],
      ['weather', 'Weather forecast'],
    ] as const)
      own.put((await published(1, name, capability)).signed)
    const before = self.traffic.messages
    const found = await collect('book a hotel', { limit: 2 })
    expect(namesOf(found)).toEqual(['hotels', 'trips'])
    expect(found[0]).toMatchObject({ via: 'directory', peer: peerId(1), capability: 'Books hotels in any city' })
    expect(found[0]?.score).toBeGreaterThanOrEqual(found[1]?.score ?? 1)
    expect(self.traffic.messages).toBe(before)
  })

  it('finds in the DHT what the directory does not know, keeps it, and says what it took', async () => {
    const { own, collect, self } = await meshOf({
      cards: [await hotels(), await published(2, 'weather', 'Weather forecast for any city')],
    })
    const cost = { lookups: 0, messages: 0, bytes: 0 }
    const before = self.traffic.messages
    const found = await collect('please book me a hotel in Rome', { cost })
    expect(found).toMatchObject([{ via: 'dht', peer: peerId(1), capability: 'Books hotels in any city' }])
    expect(['hotel', 'book']).toContain(found[0]?.key)
    expect(found[0]?.similarity).toBeGreaterThan(0)
    expect(found[0]?.words).toBeGreaterThan(0)
    expect(own.of(peerId(1))).toHaveLength(1)
    expect(cost.lookups).toBeGreaterThan(0)
    expect(cost.lookups).toBeLessThanOrEqual(8)
    expect(cost.messages).toBeGreaterThan(0)
    // what we ask ourselves costs no message, but counts here
    expect(cost.messages).toBeGreaterThanOrEqual(self.traffic.messages - before)
    expect(cost.bytes).toBeGreaterThan(found[0]?.capability.length ?? 0)
  })

  it('looks only where it is told to', async () => {
    const card = await hotels()
    const { own, collect } = await meshOf({ cards: [card] })
    expect(await collect('book a hotel', { in: 'directory' })).toEqual([])
    own.put(card.signed)
    expect(await collect('book a hotel', { in: 'directory' })).toMatchObject([{ via: 'directory' }])
    expect(await collect('book a hotel', { in: 'dht' })).toMatchObject([{ via: 'dht' }])
  })

  it('gives no agent twice, nor any that takes nothing new', async () => {
    const open = await published(1, 'hotels', 'Books hotels and rents rooms')
    const closing = await published(2, 'closing', 'Books hotels and rents rooms', 'draining')
    const { own, collect } = await meshOf({ cards: [open, closing] })
    own.put(open.signed)
    expect(namesOf(await collect('book hotels, rent rooms'))).toEqual(['hotels'])
  })

  it('believes signed cards only', async () => {
    const forged = await sign(1, cardOf(2, 'victim', ['Books hotels']))
    const { own, collect } = await meshOf({ cards: [{ peer: 1, signed: forged }] })
    expect(await collect('book a hotel')).toEqual([])
    expect(own.size).toBe(0)
  })

  it('[G7.search] waits for silent holders no longer than a deadline, and finds what others know (F14)', async () => {
    const cards = [await published(1, 'hotels', 'Books hotels and rents rooms')]
    const { clock, collect } = await meshOf({ cards, behaviours: { 2: 'silent', 4: 'silent', 5: 'silent' } })
    const started = clock.now()
    expect(namesOf(await collect('book hotels, rent rooms'))).toEqual(['hotels'])
    expect(clock.now() - started).toBeLessThan(2 * 3_000)
  })

  it('[G7.search] ends when everybody else is silent', async () => {
    const behaviours = Object.fromEntries([1, 2, 3, 4, 5, 6].map(peer => [peer, 'silent' as const]))
    const { clock, collect } = await meshOf({ behaviours })
    const started = clock.now()
    expect(await collect('book hotels, rent rooms')).toEqual([])
    expect(clock.now() - started).toBeLessThan(2 * 2 * 3_000)
  })

  it('finds what some holders deny or hide', async () => {
    const cards = await Promise.all(
      [1, 2, 3].map(peer => published(peer, `hotels-${peer}`, 'Books hotels and rents rooms')),
    )
    for (const liar of ['denies', 'hides'] as const) {
      const { collect } = await meshOf({ cards, behaviours: { 3: liar, 5: liar } })
      expect(namesOf(await collect('book hotels, rent rooms')).sort()).toEqual(['hotels-1', 'hotels-2', 'hotels-3'])
    }
  })

  it('forgets cards that have expired', async () => {
    const { clock, collect } = await meshOf({ cards: [await hotels()] })
    await clock.advance(11 * MINUTE)
    expect(await collect('book a hotel')).toEqual([])
  })

  it('ends at once and quietly when its signal aborts', async () => {
    const { clock, search, collect } = await meshOf({ cards: [await hotels()] })
    const stop = new AbortController()
    const outcome = Array.fromAsync(search('book a hotel', { signal: stop.signal }))
    await clock.advance(1)
    stop.abort()
    expect(await outcome).toEqual([])
    expect(await collect('book a hotel', { signal: AbortSignal.abort() })).toEqual([])
  })

  it('finds nobody when nobody can', async () => {
    const { collect } = await meshOf({ cards: [await hotels()] })
    expect(await collect('prove the Riemann hypothesis')).toEqual([])
    expect(await collect('the of and')).toEqual([])
  })
})
