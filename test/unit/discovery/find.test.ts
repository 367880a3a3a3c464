import type { PeerId, SignedCard } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import {
  type Candidate,
  CardIndex,
  type FindOptions,
  type FindPorts,
  find,
  keysOfCard,
  LexicalEmbedder,
  wordKey,
} from '../../../packages/discovery/src/index.ts'
import { cardOf, directory, MESH, MemoryDht, peerId, settle, sign, TestClock } from './mesh.ts'

const SELF = 99

/** A peer that knows nobody, in a mesh whose peers have published what `cards` say. */
async function meshOf(cards: { peer: number; signed: SignedCard; words: string[] }[]) {
  const clock = new TestClock()
  const dht = new MemoryDht()
  const held = new Map<PeerId, SignedCard[]>()
  for (const { peer, signed, words } of cards) {
    held.set(peerId(peer), [...(held.get(peerId(peer)) ?? []), signed])
    for (const word of words) dht.provide(wordKey(MESH, word), peerId(peer))
  }
  const asked: PeerId[] = []
  const own = directory(clock)
  const index = new CardIndex({ embedder: new LexicalEmbedder() })
  index.follow(own)
  const ports: FindPorts = {
    mesh: MESH,
    self: peerId(SELF),
    clock,
    directory: own,
    index,
    async *findProviders(key) {
      yield* dht.providers(key)
    },
    async fetchCards(peer) {
      asked.push(peer)
      return held.get(peer) ?? []
    },
  }
  const search = (text: string, options: FindOptions & Partial<FindPorts> = {}) => find(text, { ...ports, ...options })
  return { clock, ports, asked, held, search }
}

async function published(peer: number, name: string, capability: string, state: 'ready' | 'draining' = 'ready') {
  const card = cardOf(peer, name, [capability], { state })
  return { peer, signed: await sign(peer, card), words: keysOfCard(card) }
}

const namesOf = (candidates: Candidate[]) => candidates.map(({ agent }) => agent.split('/').at(-1))

async function collect(search: AsyncIterable<Candidate>): Promise<Candidate[]> {
  const found: Candidate[] = []
  for await (const candidate of search) found.push(candidate)
  return found
}

const forever = () => new Promise<never>(() => {})

/** Ends a search of virtual time: silent parts run into their deadlines. */
async function finish(clock: TestClock, search: AsyncIterable<Candidate>): Promise<Candidate[]> {
  const outcome = collect(search)
  let done = false
  const ended = outcome.finally(() => {
    done = true
  })
  for (let turn = 0; turn < 200 && !done; turn++) await clock.advance(500)
  return ended
}

describe('[P4.find] find', () => {
  it('gives the directory’s best first, without asking the DHT when they are enough', async () => {
    const { ports, asked, search } = await meshOf([await published(3, 'other', 'Books hotels')])
    for (const [name, capability] of [
      ['hotels', 'Books hotels in any city'],
      ['trips', 'Plans journeys and books a hotel or a train'],
      ['weather', 'Weather forecast'],
    ] as const)
      ports.directory.put((await published(1, name, capability)).signed)
    const found = await collect(search('book a hotel', { limit: 2 }))
    expect(namesOf(found)).toEqual(['hotels', 'trips'])
    expect(found[0]).toMatchObject({ via: 'directory', peer: peerId(1), capability: 'Books hotels in any city' })
    expect(found[0]?.score).toBeGreaterThanOrEqual(found[1]?.score ?? 1)
    expect(asked).toEqual([])
  })

  it('finds in the DHT what the directory does not know, and keeps it', async () => {
    const { clock, ports, search } = await meshOf([
      await published(1, 'hotels', 'Books hotels in any city'),
      await published(2, 'weather', 'Weather forecast for any city'),
    ])
    const found = await finish(clock, search('please book me a hotel in Rome'))
    expect(found).toMatchObject([{ via: 'dht', peer: peerId(1), capability: 'Books hotels in any city' }])
    expect(ports.directory.of(peerId(1))).toHaveLength(1)
    expect(clock.waiting).toBe(0)
  })

  it('gives no agent twice, nor any that takes nothing new', async () => {
    const hotels = await published(1, 'hotels', 'Books hotels and rents rooms')
    const { clock, ports, search } = await meshOf([
      hotels,
      await published(2, 'closing', 'Books hotels and rents rooms', 'draining'),
    ])
    ports.directory.put(hotels.signed)
    expect(namesOf(await finish(clock, search('book hotels, rent rooms')))).toEqual(['hotels'])
  })

  it('believes signed cards only', async () => {
    const forged = await sign(1, cardOf(2, 'victim', ['Books hotels']))
    const { clock, ports, search } = await meshOf([{ peer: 1, signed: forged, words: ['hotel'] }])
    expect(await finish(clock, search('book a hotel'))).toEqual([])
    expect(ports.directory.size).toBe(0)
  })

  it('[G7.search] ends by deadlines when holders and peers are silent, and finds what the others know', async () => {
    const { clock, ports, search } = await meshOf([await published(1, 'hotels', 'Books hotels and rents rooms')])
    const silentKey = wordKey(MESH, 'hotel').toString()
    const found = await finish(
      clock,
      search('book hotels, rent rooms', {
        async *findProviders(key, signal) {
          if (key.toString() === silentKey) await forever()
          yield peerId(7)
          yield* ports.findProviders(key, signal)
        },
        fetchCards: (peer, signal) => (peer === peerId(7) ? forever() : ports.fetchCards(peer, signal)),
      }),
    )
    expect(namesOf(found)).toEqual(['hotels'])
    expect(clock.now()).toBeLessThan(1_800_000_000_000 + 12_000)
    expect(clock.waiting).toBe(0)
  })

  it('gives what it finds while others are still silent', async () => {
    const { clock, ports, search } = await meshOf([await published(1, 'hotels', 'Books hotels and rents rooms')])
    const found = search('book hotels, rent rooms', {
      async *findProviders(key, signal) {
        yield* ports.findProviders(key, signal)
        await forever()
      },
    })
    expect((await found.next()).value?.peer).toBe(peerId(1))
    await found.return()
    await settle()
    expect(clock.waiting).toBe(0)
  })

  it('survives lookups and peers that fail', async () => {
    const { clock, ports, search } = await meshOf([await published(1, 'hotels', 'Books hotels and rents rooms')])
    let lookups = 0
    const found = await finish(
      clock,
      search('book hotels, rent rooms', {
        async *findProviders(key, signal) {
          if (lookups++ === 0) throw new Error('no route')
          yield peerId(7)
          yield* ports.findProviders(key, signal)
        },
        fetchCards: (peer, signal) =>
          peer === peerId(7) ? Promise.reject(new Error('refused')) : ports.fetchCards(peer, signal),
      }),
    )
    expect(namesOf(found)).toEqual(['hotels'])
  })

  it('asks for at most 8 words, 4 at once, and for each peer once, never itself', async () => {
    const { clock, asked, search } = await meshOf([])
    let [running, most, lookups] = [0, 0, 0]
    const text = 'alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima'
    await finish(
      clock,
      search(text, {
        async *findProviders() {
          lookups++
          most = Math.max(most, ++running)
          yield peerId(SELF)
          for (let peer = 100; peer < 110; peer++) yield peerId(peer)
          await settle()
          running--
        },
      }),
    )
    expect([lookups, most]).toEqual([8, 4])
    expect(asked).toHaveLength(10)
    expect(new Set(asked).size).toBe(10)
    expect(asked).not.toContain(peerId(SELF))
  })

  it('bounds what a flood of providers can cost', async () => {
    const { clock, asked, search } = await meshOf([])
    let given = 0
    await finish(
      clock,
      search('alpha bravo charlie delta', {
        async *findProviders() {
          for (let peer = 0; peer < 1_000; peer++) {
            given++
            yield peerId(200 + (given % 80))
          }
        },
      }),
    )
    expect(given).toBeLessThanOrEqual(4 * 17)
    expect(asked.length).toBeLessThanOrEqual(32)
  })

  it('ends at once and quietly when its signal aborts', async () => {
    const { clock, search } = await meshOf([])
    const stop = new AbortController()
    const outcome = collect(
      search('book a hotel', {
        signal: stop.signal,
        async *findProviders() {
          await forever()
          yield peerId(1)
        },
      }),
    )
    await settle()
    stop.abort()
    expect(await outcome).toEqual([])
    await settle()
    expect(clock.waiting).toBe(0)
    expect(await collect(search('book a hotel', { signal: AbortSignal.abort() }))).toEqual([])
  })

  it('finds nobody when nobody can', async () => {
    const { clock, search } = await meshOf([await published(1, 'hotels', 'Books hotels')])
    expect(await finish(clock, search('prove the Riemann hypothesis'))).toEqual([])
    expect(await finish(clock, search('the of and'))).toEqual([])
  })
})
