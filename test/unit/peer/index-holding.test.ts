/** What a peer that holds a share of the index gives to those that come: in one go, and to each its own. */
import { CardReader, type IndexStore, Routes } from '@amp-mesh/discovery'
import { DISCOVERY_LIMITS, type PeerId } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { IndexHolding } from '../../../packages/peer/src/index-holding.ts'
import { verifyOnce } from '../../simulation/space.ts'
import { cardOf, MESH, peerId, sign, TestClock } from '../discovery/mesh.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const WORDS = ['hotels', 'flights', 'invoices', 'weather', 'recipes', 'lawsuits', 'horses', 'poems', 'maps', 'taxes']

async function holding(refuses: (peer: PeerId) => boolean = () => false) {
  const clock = new TestClock()
  const reader = new CardReader({ mesh: MESH, verify: verifyOnce, clock })
  const self = peerId(1)
  const given: [peer: PeerId, message: IndexStore][] = []
  let looks = 0
  const near = () => {
    looks += 1
    return []
  }
  const routes = new Routes({ self, isRouted: true, clock, near, nearer: async () => [] })
  const made = new IndexHolding({
    ...{ mesh: MESH, self, clock, routes, logger },
    random: { bytes: length => new Uint8Array(length), float: () => 0 },
    read: signed => reader.read(signed),
    store: async (peer, message) => {
      if (refuses(peer)) throw new Error('busy')
      given.push([peer, message])
    },
  })
  const cards = await Promise.all(WORDS.map((word, n) => sign(2, cardOf(2, `agent-${n}`, [word]))))
  const keys = cards.flatMap((card, n) =>
    (reader.read(card)?.features.keys ?? []).map((key): [string, number[]] => [key, [n]]),
  )
  made.holder.store('somebody', { type: 'index_store', cards, keys })
  const keysGiven = (to: PeerId) => given.flatMap(([peer, message]) => (peer === to ? message.keys : []))
  looks = 0
  return { clock, made, given, keysGiven, keys: made.holder.buckets, looks: () => looks }
}

describe('peers that come', () => {
  it('are given all that is theirs to hold, those that come together in one go', async () => {
    const { clock, made, given, keys, keysGiven, looks } = await holding()
    const signal = new AbortController().signal
    const newcomers = [3, 4].map(peerId)
    for (const peer of newcomers) void made.welcome(peer, signal)
    await clock.advance(1_000)
    expect(given).toEqual([])
    await clock.advance(2_000)
    // of three peers each holds everything
    for (const peer of newcomers) expect(keysGiven(peer)).toHaveLength(keys)
    expect(given).toHaveLength(newcomers.length)
    expect(looks()).toBe(keys)
    void made.welcome(peerId(5), signal)
    await clock.advance(3_000)
    expect(keysGiven(peerId(5))).toHaveLength(keys)
  })

  it('share what they are the closest to, however many they are', async () => {
    const { clock, made, given, keys } = await holding()
    const newcomers = Array.from({ length: 12 }, (_, n) => peerId(3 + n))
    for (const peer of newcomers) void made.welcome(peer, new AbortController().signal)
    await clock.advance(3_000)
    const copies = given.flatMap(([, message]) => message.keys).length
    // where we are one of the closest ourselves there is one copy less to give
    expect(copies).toBeLessThanOrEqual(keys * DISCOVERY_LIMITS.copies)
    expect(copies).toBeGreaterThanOrEqual(keys * (DISCOVERY_LIMITS.copies - 1))
    expect(given.every(([, { cards }]) => cards.length > 0)).toBe(true)
  })

  it('are not kept from it by one that does not take its share', async () => {
    const { clock, made, keys, keysGiven } = await holding(peer => peer === peerId(3))
    for (const n of [3, 4]) void made.welcome(peerId(n), new AbortController().signal)
    await clock.advance(3_000)
    expect(keysGiven(peerId(3))).toEqual([])
    expect(keysGiven(peerId(4))).toHaveLength(keys)
  })
})
