/** The graph as agents use it: said, judged, replaced, counted, and what became of each. */
import { type Kind, problemKey } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { identity } from '../../../simulation/space.ts'
import { idOf, Room } from './room.ts'

describe('[P6.graph] the graph', () => {
  it('carries who speaks, and tells who verified what and when', async () => {
    const room = new Room()
    const { graph: ada } = await room.enter(0, 'ada')
    const { graph: bob } = await room.enter(1, 'bob')
    const { graph: eve } = await room.enter(9, 'eve')
    const { graph: cleo } = await room.enter(2, 'cleo')
    const fact = await room.during(ada.propose({ s: 'JFK', p: 'nonstop from', o: 'LHR', conf: 0.9 }))
    await room.during(bob.verify(fact.id, 1, 'looked it up'))
    await room.during(eve.verify(fact.id, -1))
    expect(await bob.status(fact.id)).toBe('contested')
    const verdict = await room.during(cleo.verify(fact.id, 1))

    for (const graph of [ada, bob, cleo, eve])
      expect(await graph.query({ s: 'JFK' })).toEqual([
        {
          record: fact,
          status: 'verified',
          by: idOf(0, 'ada'),
          at: fact.time,
          supports: [
            { by: idOf(1, 'bob'), at: expect.any(Number), counts: true, why: 'looked it up' },
            { by: idOf(2, 'cleo'), at: verdict.time, counts: true },
          ],
          refutes: [{ by: idOf(9, 'eve'), at: expect.any(Number), counts: false }],
        },
      ])
  })

  it('lets only the author replace or take back, and only by the same kind', async () => {
    const room = new Room()
    const { graph: ada, member } = await room.enter(0)
    const { graph: bob } = await room.enter(1)
    const fact = await room.during(ada.propose({ s: 'a', p: 'b', o: 1 }))
    await expect(bob.retract(fact.id)).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(bob.supersede(fact.id, { ...fact.op, o: 2 })).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(ada.supersede(fact.id, { k: 'hyp', text: 'x' })).rejects.toMatchObject({ code: 'bad-input' })
    await expect(ada.verify('x'.repeat(32), 1)).rejects.toMatchObject({ code: 'no-such-record' })

    const next = await room.during(ada.supersede(fact.id, { k: 'fact', s: 'a', p: 'b', o: 2 }))
    expect((await bob.query({ s: 'a' })).map(({ record }) => record.id)).toEqual([next.id])
    expect((await bob.query({ s: 'a', status: 'superseded' })).map(({ record }) => record.id)).toEqual([fact.id])
    await room.during(ada.retract(next.id))
    expect(await bob.query({ s: 'a' })).toEqual([])
    expect(member.replica.records.of('retract')).toHaveLength(1)
  })

  it('has threads, conflicts, links, suppositions', async () => {
    const room = new Room()
    const { graph } = await room.enter(0, 'ada')
    const { member } = await room.enter(1)
    const [a, b] = [
      await room.during(graph.propose({ s: 'date', p: 'is', o: 1, slot: 'date' })),
      await room.during(graph.suppose('the date moved')),
    ]
    await room.during(graph.conflict([a.id, b.id], 'both cannot be'))
    const thread = await room.during(graph.thread('Which date?', [a.id]))
    const first = await room.during(graph.say(thread.id, 'the first'))
    const answer = await room.during(graph.say(thread.id, 'no, the second', first.id))
    await room.during(graph.link(a.id, 'implies', 'need_flight'))
    const { records } = member.replica
    expect(records.get(answer.id)?.op).toEqual({
      k: 'msg',
      in: thread.id,
      re: first.id,
      text: 'no, the second',
      agent: 'ada',
    })
    const kinds: Kind[] = ['fact', 'hyp', 'conflict', 'thread', 'msg', 'link']
    expect(kinds.map(kind => records.of(kind).length)).toEqual([1, 1, 1, 1, 2, 1])
    await expect(graph.say('x'.repeat(32), 'lost')).rejects.toMatchObject({ code: 'no-such-record' })
  })

  it('finds what was solved: the same problem in the same context, verified before later, refuted never', async () => {
    const room = new Room()
    const { graph: ada } = await room.enter(0)
    const { graph: bob } = await room.enter(1)
    const { graph: cleo } = await room.enter(2)
    const first = await room.during(ada.solved('How far is Rome?', 1_200, { context: { from: 'Paris' } }))
    await room.during(bob.solved('How far is Rome?', 1_100, { context: { from: 'Paris' } }))
    expect(await cleo.lookup('how far is rome', { from: 'Paris' })).toMatchObject({ by: idOf(1) })
    expect(await cleo.lookup('how far is rome', { from: 'Berlin' })).toBeUndefined()
    expect(await cleo.lookup('how far is Rome')).toBeUndefined()
    await room.during(bob.verify(first.id, 1))
    await room.during(cleo.verify(first.id, 1))
    expect(await ada.lookup('How far is Rome', { from: 'Paris' })).toMatchObject({
      status: 'verified',
      record: { id: first.id, op: { result: 1_200, q: problemKey('How far is Rome?', { from: 'Paris' }) } },
    })
    const gap = await room.during(bob.gap('Who knows the way?', { prio: 2 }))
    expect(gap.op).toMatchObject({ q: problemKey('who knows the way'), prio: 2, text: 'Who knows the way?' })
    const wrong = await room.during(ada.solved('2 + 2?', 5))
    for (const graph of [bob, cleo]) await room.during(graph.verify(wrong.id, -1))
    expect(await cleo.lookup('2 + 2')).toBeUndefined()
  })
})

describe('[P6.graph] counters, registers and assignments', () => {
  it('are the same for all, and each changes its own part only', async () => {
    const room = new Room()
    const { graph: ada } = await room.enter(0, 'ada')
    const { graph: bob } = await room.enter(1, 'bob')
    await room.during(Promise.all([ada.count('seats', 3), ada.count('seats', 4), ada.count('seats', -1)]))
    expect(await room.during(bob.count('seats', 10))).toBe(16)
    expect(await ada.counter('seats')).toBe(16)
    expect(await ada.counter('nothing')).toBe(0)

    await room.during(ada.set('any/date', 'Friday'))
    await room.during(bob.set('any/date', 'Saturday'))
    expect(await ada.register('any/date')).toMatchObject({ by: idOf(1, ''), record: { op: { v: 'Saturday' } } })
    await room.during(bob.set(`own/${identity(0).publicKey}/date`, 'mine'))
    expect(await ada.register(`own/${identity(0).publicKey}/date`)).toBeUndefined()

    await room.during(ada.take('the keys'))
    await room.during(bob.take('the keys', room.network.clock.now() + 60_000))
    const holders = await ada.holders('the keys')
    expect(new Set(holders)).toEqual(new Set([idOf(0, 'ada'), idOf(1, 'bob')]))
    expect(await bob.holders('the keys')).toEqual(holders)
    await room.during(ada.release('the keys'))
    expect(await bob.holders('the keys')).toEqual([idOf(1, 'bob')])
    await room.network.clock.advance(60_000)
    expect(await bob.holders('the keys')).toEqual([])
  })
})
