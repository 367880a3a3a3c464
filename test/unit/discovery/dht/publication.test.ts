/** Publishing own cards: what some holder has is not sent again when a key found none. */
import { AmpError, agentIdOf, type Message, type SignedCard, verifyPortable } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import {
  CardReader,
  type HeldCard,
  type IndexStore,
  Publication,
  Routes,
  Standing,
} from '../../../../packages/discovery/src/index.ts'
import { cardOf, MESH, peerId, sign, TestClock } from '../mesh.ts'

const HOLDERS = [1, 2, 3].map(peerId)
const never = new AbortController().signal

/** A publisher; `refused`: keys that no holder takes. */
function publisher() {
  const clock = new TestClock()
  const refused = new Set<string>()
  const sent: string[] = []
  const messages: IndexStore[] = []
  let brought: SignedCard[] = []
  let isOverloaded = false
  const publication = new Publication({
    mesh: MESH,
    clock,
    random: { float: () => 0.5, bytes: length => new Uint8Array(length) },
    routes: new Routes({ self: peerId(0), isRouted: false, clock, near: () => HOLDERS, nearer: async () => [] }),
    standing: new Standing(),
    brought: () => brought,
    async store(_holder, message: IndexStore): Promise<Message<'index_stored'>> {
      const { keys } = message
      messages.push(message)
      if (isOverloaded) throw new AmpError('unreachable', 'too late')
      sent.push(...keys.map(([key]) => key))
      return { type: 'index_stored', sizes: keys.map(([key]) => (refused.has(key) ? 0 : 1)) }
    },
  })
  const read = new CardReader({ mesh: MESH, verify: verifyPortable, clock })
  const held = async (seq: number, name = 'guide', text = 'mountain huts and glacier crossings') =>
    read.read(await sign(0, cardOf(0, name, [text], { seq }))) as HeldCard
  /** Keys that one round of publishing sends. */
  async function round(): Promise<Set<string>> {
    sent.length = 0
    await publication.publish(never)
    return new Set(sent)
  }
  const overload = (is: boolean) => {
    isOverloaded = is
  }
  /** Whose cards each message brought under no key. */
  const extras = () =>
    messages.map(({ cards, keys }) => {
      const named = new Set(keys.flatMap(([, at]) => at))
      return cards.filter((_, at) => !named.has(at)).map(card => read.read(card)?.agent)
    })
  const bring = (cards: SignedCard[]) => {
    brought = cards
  }
  return { publication, refused, overload, held, round, extras, bring }
}

it('sends only what lacks a holder again', async () => {
  const { publication, refused, held, round } = publisher()
  const card = await held(1)
  const keys = new Set(card.features.keys)
  const unlucky = card.features.keys[0] ?? ''
  expect(keys.size).toBeGreaterThan(3)
  refused.add(unlucky)
  publication.update([card])
  expect(await round()).toEqual(keys)
  expect(publication.waiting).toBe(1)
  expect(publication.cost.cards).toBe(0)
  expect(await round()).toEqual(new Set([unlucky]))
  refused.clear()
  expect(await round()).toEqual(new Set([unlucky]))
  expect(publication.waiting).toBe(0)
  expect(publication.cost.cards).toBe(1)
})

it('sends a renewed card under all its keys', async () => {
  const { publication, refused, held, round } = publisher()
  const card = await held(1)
  refused.add(card.features.keys[0] ?? '')
  publication.update([card])
  await round()
  publication.update([await held(2)])
  expect(await round()).toEqual(new Set(card.features.keys))
})

it('asks holders again that were all silent for a while', async () => {
  const { publication, overload, held, round } = publisher()
  const card = await held(1)
  publication.update([card])
  overload(true)
  for (let n = 0; n < 3; n++) await round()
  expect(publication.waiting).toBe(1)
  overload(false)
  expect(await round()).toEqual(new Set(card.features.keys))
  expect(publication.waiting).toBe(0)
})

describe('another card in each message, by which holders count words', () => {
  it('is one of its own that does not belong there', async () => {
    const { publication, held, round, extras } = publisher()
    publication.update([await held(1), await held(1, 'cook', 'soups, sauces and sourdough bread')])
    await round()
    const whole = extras().filter(agents => agents.length === 0)
    expect(whole).toHaveLength(extras().length) // both cards belong to all three holders
    publication.update([await held(2), await held(1, 'cook', 'soups, sauces and sourdough bread')])
    await round()
    expect(extras().at(-1)).toEqual([agentIdOf(peerId(0), 'cook')])
  })

  it('is one that was brought to it, where it has no other', async () => {
    const { publication, held, round, extras, bring } = publisher()
    const others = await Promise.all([1, 2].map(n => sign(n, cardOf(n, 'far', [`telescopes of type ${n}`]))))
    publication.update([await held(1)])
    await round()
    expect(extras().flat()).toEqual([])
    bring(others)
    publication.update([await held(2)])
    await round()
    const told = extras().slice(HOLDERS.length)
    expect(told).toHaveLength(HOLDERS.length)
    for (const agents of told) expect([agentIdOf(peerId(1), 'far'), agentIdOf(peerId(2), 'far')]).toContain(agents[0])
  })
})
