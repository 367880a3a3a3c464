/** What the graph answers by pattern and by neighbourhood. */
import { type LedgerGraph, Records } from '@amp-mesh/context'
import type { Kind, Op, Pattern, Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { identity, SeededRandom } from '../../../simulation/space.ts'
import { graphOver, idOf } from './room.ts'

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
