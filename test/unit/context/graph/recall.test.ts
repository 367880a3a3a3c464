/** What the graph answers by meaning. */
import { Records, wordsOf } from '@amp-mesh/context'
import { cosine } from '@amp-mesh/discovery'
import type { Embedder, Op, Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { identity, SeededRandom } from '../../../simulation/space.ts'
import { embedder, graphOver, idOf, Room } from './room.ts'

const SAID = [
  'The hotel near Penn Station costs 310 dollars a night.',
  'Flights from London to New York leave on Friday morning.',
  'The marathon starts on Staten Island at ten.',
  'Rain is expected in the evening.',
  'The tests of the parser fail on Windows.',
]

describe('recall', () => {
  it('finds by meaning what was said, with provenance, and forgets what was taken back', async () => {
    const room = new Room()
    const { graph } = await room.enter(0, 'ada')
    const { member } = await room.enter(1)
    const reader = room.graphOf(member)
    const said: Rec[] = []
    for (const text of SAID.slice(0, 3)) said.push(await room.during(graph.suppose(text)))
    const best = async (words: string) => (await room.during(reader.recall(words, 3)))[0]
    expect(await best('How much is a room in a hotel?')).toMatchObject({
      record: { id: said[0]?.id },
      by: idOf(0, 'ada'),
      similarity: expect.closeTo(0.4, 0.3),
    })
    // kept up as records arrive
    for (const text of SAID.slice(3)) said.push(await room.during(graph.suppose(text)))
    expect(await best('the unit test fails')).toMatchObject({ record: { id: said[4]?.id } })
    await room.during(graph.retract(said[4]?.id ?? ''))
    expect((await best('the unit test fails'))?.record.id).not.toBe(said[4]?.id)
  })

  it('gives the same answer after a restart, rebuilt from the ledger', async () => {
    const room = new Room()
    const { graph, member } = await room.enter(0)
    for (const text of SAID) await room.during(graph.suppose(text))
    const before = await room.during(graph.recall('flights to New York', 5))
    room.network.drop(member)
    await member.replica.close()
    const again = await room.network.join(identity(0), room.storages[0])
    expect(await room.during(room.graphOf(again).recall('flights to New York', 5))).toEqual(before)
    expect(before.length).toBeGreaterThan(0)
  })

  it('is exact: the nearest of all by cosine, as far as one byte a dimension can tell', async () => {
    const random = new SeededRandom(3)
    const vocabulary = SAID.join(' ').split(' ')
    const records = new Records()
    const by = identity(1).publicKey
    const some = () => Array.from({ length: 3 + random.below(6) }, () => random.pick(vocabulary))
    const sentence = () => [...some(), 'hotel'].join(' ')
    records.add(
      Array.from({ length: 1_500 }, (_, n) => {
        const op: Op = { k: 'hyp', text: sentence() }
        return { id: `r${n}`.padEnd(32, '-'), by, log: by, seq: n, n, time: n, op }
      }),
    )
    const graph = graphOver(records)
    const vectors = new Map([...records.all()].map(({ id, op }) => [id, embedder.embedText(wordsOf(op))]))
    for (let i = 0; i < 5; i++) {
      const words = sentence()
      expect(await graph.recall('of the', 10)).toEqual([])
      const found = await graph.recall(words, 10)
      const asked = embedder.embedText(words)
      const tenth = [...vectors.values()].map(vector => cosine(asked, vector)).sort((a, b) => b - a)[9] ?? 0
      expect(found).toHaveLength(10)
      for (const { similarity, record } of found) {
        expect(similarity).toBeCloseTo(cosine(asked, vectors.get(record.id) ?? []), 1.7)
        expect(similarity).toBeGreaterThan(tenth - 0.01)
      }
    }
  })

  it('tells when the embedder fails, and goes on with it later', async () => {
    const room = new Room()
    const { graph, member } = await room.enter(0)
    await room.during(graph.suppose('the hotel is near'))
    let broken = true
    const moody: Embedder = {
      ...{ id: embedder.id, dimensions: embedder.dimensions },
      embed: async texts => {
        if (broken) throw new Error('out of order')
        return embedder.embed(texts)
      },
    }
    const reader = room.graphOf(member, moody)
    await expect(room.during(reader.recall('hotel'))).rejects.toThrow('out of order')
    broken = false
    expect(await room.during(reader.recall('hotel'))).toHaveLength(1)
  })
})
