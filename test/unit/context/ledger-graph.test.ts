/** The graph as agents use it: said, judged, replaced, asked by pattern, by neighbourhood and by meaning. */
import { LedgerGraph, MemoryStorage, Records, wordsOf } from '@amp-mesh/context'
import { cosine, LexicalEmbedder } from '@amp-mesh/discovery'
import { agentIdOf, type Embedder, type Kind, type Op, type Pattern, problemKey, type Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type Member, ReplicaNetwork } from '../../simulation/replica-network.ts'
import { genesis, genesisBytes, identity, SeededRandom } from '../../simulation/space.ts'

const embedder = new LexicalEmbedder()

/** Members 0-3 verify, two of them make a quorum; all are linked. */
class Room {
  readonly network = new ReplicaNetwork(genesisBytes())
  readonly storages: MemoryStorage[] = []

  async enter(n: number, agent = 'agent'): Promise<{ member: Member; graph: LedgerGraph }> {
    const storage = new MemoryStorage()
    this.storages.push(storage)
    const member = await this.network.join(identity(n), storage)
    for (const other of this.network.members) if (other !== member) this.network.link(member, other)
    return { member, graph: this.graphOf(member).spokenBy(agent) }
  }

  graphOf({ replica, identity }: Member, reader: Embedder = embedder): LedgerGraph {
    return new LedgerGraph({
      genesis: replica.genesis,
      replica,
      append: ops => replica.append(ops),
      self: identity.publicKey,
      embedder: reader,
      clock: this.network.clock,
    })
  }

  /** Lets time pass until the answer is there, and until all have heard of it. */
  async during<T>(action: Promise<T>): Promise<T> {
    let done = false
    const watched = action.finally(() => {
      done = true
    })
    watched.catch(() => {})
    for (let i = 0; i < 2_000 && !done; i++) await this.network.clock.advance(5)
    await this.network.clock.advance(500)
    return watched
  }
}

const idOf = (n: number, agent = 'agent') => agentIdOf(identity(n).peerId, agent)

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

const THINGS = ['JFK', 'LHR', 'hotel', 'x"y', '']
const PREDICATES = ['near', 'costs', 'is']
const OBJECTS = ['JFK', 310, true, null, { a: 1, b: [2] }, 'near']

/** Made-up records of five authors with three agents each; some are taken back. */
function anything(random: SeededRandom, size: number): Rec[] {
  const made: Rec[] = []
  for (let n = 0; n < size; n++) {
    const op = random.pick<() => Op>([
      () => ({ k: 'fact', s: `${random.pick(THINGS)}!`, p: random.pick(PREDICATES), o: random.pick(OBJECTS) }),
      () => ({ k: 'link', s: `${random.pick(THINGS)}!`, p: random.pick(PREDICATES), o: 'JFK' }),
      () => ({ k: 'hyp', text: `supposition ${n}` }),
      () => ({ k: 'verify', of: random.pick(made)?.id ?? 'x'.repeat(32), v: random.pick([1, -1, 0] as const) }),
      () => ({ k: 'retract', of: random.pick(made)?.id ?? 'x'.repeat(32) }),
    ])()
    const author = identity(random.below(5)).publicKey
    const said = op.k === 'retract' ? op : { ...op, agent: random.pick(['a', 'b', 'c']) }
    made.push({ id: `r${n}`.padEnd(32, '-'), by: author, log: author, seq: n, n, time: random.below(50), op: said })
  }
  return made
}

/** A graph over records that stand there without a ledger. */
function graphOver(records: Records, listeners = new Set<(news: readonly Rec[]) => void>()): LedgerGraph {
  return new LedgerGraph({
    genesis: genesis(),
    replica: {
      records,
      subscribe: listener => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    append: async () => [],
    self: identity(0).publicKey,
    embedder,
    clock: {
      now: () => 0,
      after: (_, action) => {
        queueMicrotask(action)
        return () => {}
      },
    },
  })
}

describe('query', () => {
  it('answers as reading all records would, while records come and go', async () => {
    const random = new SeededRandom(5)
    const records = new Records()
    const listeners = new Set<(news: readonly Rec[]) => void>()
    const graph = graphOver(records, listeners)
    const all = anything(random, 600)
    const maybe = <T>(value: T) => (random.float() < 0.4 ? value : undefined)
    for (let round = 0; round < 60; round++) {
      const news = all.slice(round * 10, round * 10 + 10)
      if (round === 40) {
        records.reset(all.slice(100, 410)) // a fork took the first hundred
        for (const listener of listeners) listener(news)
      } else {
        records.add(news)
        for (const listener of listeners) listener(news)
      }
      const pattern = Object.fromEntries(
        Object.entries({
          s: maybe(`${random.pick(THINGS)}!`),
          p: maybe(random.pick(PREDICATES)),
          o: maybe(random.pick(OBJECTS)),
          kind: maybe(random.pick<Kind | Kind[]>(['fact', ['fact', 'link'], 'verify'])),
          status: maybe(random.pick<Pattern['status']>(['verified', ['proposed', 'contested'], 'retracted'])),
          by: maybe(random.pick([identity(1).peerId, idOf(2, 'b')])),
          since: maybe(random.below(50)),
          until: maybe(random.below(50)),
        }).filter(([, value]) => value !== undefined),
      ) as Pattern
      const found = await graph.query(pattern)
      expect(
        found.map(({ record }) => record.id),
        JSON.stringify(pattern),
      ).toEqual((await readingAll(graph, records, pattern)).map(({ id }) => id))
    }
  })

  it('gives the latest of many, earliest first', async () => {
    const records = new Records()
    records.add(anything(new SeededRandom(1), 200))
    const graph = graphOver(records)
    const all = await graph.query({ kind: ['fact', 'hyp'] })
    expect(all.length).toBeGreaterThan(20)
    expect(await graph.query({ kind: ['fact', 'hyp'], limit: 7 })).toEqual(all.slice(-7))
    expect(await graph.query({ kind: 'fact', limit: 0 })).toEqual([])
  })
})

async function readingAll(graph: LedgerGraph, records: Records, pattern: Pattern): Promise<Rec[]> {
  const fitting: Rec[] = []
  for (const record of records.all()) {
    const { op } = record
    const triple = op.k === 'fact' || op.k === 'link' ? op : undefined
    const status = await graph.status(record.id)
    const said = await graph.get(record.id)
    const fits = [
      pattern.s === undefined || triple?.s === pattern.s,
      pattern.p === undefined || triple?.p === pattern.p,
      !('o' in pattern) || (triple !== undefined && JSON.stringify(triple.o) === JSON.stringify(pattern.o)),
      pattern.kind === undefined || [pattern.kind].flat().includes(op.k),
      pattern.status === undefined ? records.isLive(record.id) : [pattern.status].flat().includes(status),
      pattern.by === undefined || said?.by === pattern.by || said?.by.startsWith(`amp://${pattern.by}/`),
      record.time >= (pattern.since ?? 0) && record.time <= (pattern.until ?? Infinity),
    ]
    if (fits.every(Boolean)) fitting.push(record)
  }
  return fitting.sort((a, b) => a.time - b.time || (a.log < b.log ? -1 : a.log > b.log ? 1 : a.n - b.n))
}

describe('around', () => {
  const record = (name: string, time: number, op: Op): Rec => {
    const by = identity(1).publicKey
    return { id: name.padEnd(32, '-'), by, log: by, seq: time, n: time, time, op }
  }
  const trip = record('trip', 1, { k: 'fact', s: 'user', p: 'wants', o: 'NYC' })
  const flight = record('flight', 2, { k: 'hyp', text: 'a flight is needed' })
  const implies = record('implies', 3, { k: 'link', s: trip.id, p: 'implies', o: flight.id })
  const requires = record('requires', 4, { k: 'link', s: flight.id, p: 'requires', o: 'flight_agent' })
  const serves = record('serves', 5, { k: 'link', s: 'flight_agent', p: 'serves', o: 'NYC' })
  const doubt = record('doubt', 6, { k: 'concern', parent: trip.id, content: 'which dates?' })
  const wrong = record('wrong', 7, { k: 'link', s: trip.id, p: 'forbids', o: 'hotel' })
  const records = new Records()
  records.add([trip, flight, implies, requires, serves, doubt, wrong])
  records.add([record('back', 8, { k: 'retract', of: wrong.id })])
  const graph = graphOver(records)
  const near = async (start: string, hops?: number) =>
    (await graph.around(start, hops)).map(({ record: { id }, hops: far }) => `${id.replace(/-+$/, '')} ${far}`)

  it('goes over references and links, both ways, and not over what was taken back', async () => {
    expect(await near(trip.id)).toEqual(['flight 1', 'implies 1', 'doubt 1'])
    expect(await near(doubt.id, 2)).toEqual(['trip 1', 'flight 2', 'implies 2'])
    expect(await near(flight.id, 2)).toEqual(['trip 1', 'implies 1', 'requires 1', 'serves 2', 'doubt 2'])
  })

  it('starts at a thing as well', async () => {
    expect(await near('flight_agent')).toEqual(['flight 1', 'requires 1', 'serves 1'])
    expect(await near('NYC')).toEqual(['trip 1', 'serves 1'])
    expect(await near('nobody', 8)).toEqual([])
    expect(await near(trip.id, 0)).toEqual([])
  })
})

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
