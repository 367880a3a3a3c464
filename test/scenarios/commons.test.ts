/** What the mesh found once it knows: the same question is answered at once from commons, and only the same one. */
import type { Answer, AskOptions, Happening, Peer } from '@amp-mesh/peer'
import { type Op, problemKey, questionKey, type Rec } from '@amp-mesh/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { flights, guide, hotels, TRIP } from './specialists.ts'
import { askAll, ended, Village } from './village.ts'

/** The trip asked for in other words: one word, number, negation, version, language or name apart. */
const NEAR_MISSES: readonly (readonly [differs: string, query: string])[] = [
  ['one word', TRIP.replace('flights and hotel', 'flights or hotel')],
  ['a word more', TRIP.replace('weekend', 'weekend again')],
  ['a word less', TRIP.replace('book travel', 'travel')],
  ['a negation', TRIP.replace('flights and hotel', 'flights and no hotel')],
  ['a name', TRIP.replace('New York', 'New Orleans')],
  ['a number', TRIP.replace('the marathon weekend', 'the marathon weekend 2')],
  ['a version', TRIP.replace('the marathon', 'the marathon v1.1')],
  ['a preposition', TRIP.replace('to New York', 'from New York')],
  ['the order', TRIP.replace('flights and hotel', 'hotel and flights')],
  ['the language', 'Wer kann helfen: Reise nach New York buchen, Flüge und Hotel, für das Marathon-Wochenende?'],
]

describe('the commons of a mesh', () => {
  let village: Village
  let asker: Peer
  let first: Answer
  beforeAll(async () => {
    village = await Village.found()
    asker = await village.peer('asker')
    await village.peer('flights', [flights])
    await village.peer('hotels', [hotels])
    await village.peer('guide', [guide])
    await village.gathered()
    first = ended(await askAll(asker, TRIP))
    await until('the answer is kept', () => vouched(asker))
  })
  afterAll(() => village.close())

  it('[P6.remembers] answers the same question in a tenth of the time, and says whose work that rests on', async () => {
    expect(first).toMatchObject({ outcome: 'concluded', peers: 3 })
    expect(first.commons).toBeUndefined()

    const happenings = await askAll(asker, `  ${TRIP.toLowerCase().replace('new york', 'New York').slice(0, -1)} ?`)
    const second = ended(happenings)
    expect(second.concludedMs).toBeLessThan(first.concludedMs / 10)
    expect(happenings.map(({ type }) => type)).toEqual(['solved', 'done'])
    expect(second).toMatchObject({
      outcome: 'concluded',
      space: first.space,
      messages: 0,
      commons: { own: true, solution: { content: first.synthesis?.op.content, claims: first.synthesis?.op.claims } },
    })
    const agents = second.commons?.solution.by.map(agent => agent.split('/').at(-1))
    expect(new Set(agents)).toEqual(new Set(['flights', 'hotels', 'guide']))
    // whoever wrote the synthesis published it, once
    const published = asker.commons.replica.records.of('solved')
    expect(published.map(({ by }) => by)).toEqual([first.synthesis?.by])
  })

  it('answers a peer that was not there, on the word of who was', async () => {
    const stranger = await village.peer('stranger')
    await until('the stranger has heard of it', () => vouched(stranger))
    const answer = ended(await askAll(stranger, TRIP))
    expect(answer.commons).toMatchObject({ own: false, vouchedBy: [asker.identity.publicKey] })
    expect(answer.synthesis).toBeUndefined()
    expect(answer.peers).toBe(3)
  })

  it('[P6.misses] asks the agents when told to, or when the question is another one', async () => {
    const unknown = NEAR_MISSES.map(([, query]) => questionKey({ k: 'broadcast', query }))
    const known = questionKey({ k: 'broadcast', query: TRIP })
    expect(new Set([known, ...unknown]).size).toBe(NEAR_MISSES.length + 1)
    // all at once, each cancelled as soon as it was asked: who answers from commons asks nobody
    const kinds = await Promise.all([
      ...NEAR_MISSES.map(([, query]) => firstHappening(asker, query)),
      firstHappening(asker, TRIP, { fresh: true }),
      firstHappening(asker, TRIP, { goal: 'a cheap weekend' }),
      firstHappening(asker, TRIP, { context: { calendar: 'https://example.org/mine' } }),
      firstHappening(asker, TRIP, { about: { head: '4ac1' } }),
      firstHappening(asker, TRIP, { about: null }),
    ])
    expect(kinds).toEqual([...NEAR_MISSES.map(() => 'broadcast'), ...Array(4).fill('broadcast'), 'solved'])
  })

  it('[P6.poison] is not deceived by a liar', async () => {
    const liar = await village.peer('liar')
    const lie = 'Walk there: it is not far.'
    const answer = { ...solution(asker), content: lie, claims: [] }
    const other = 'Is it safe to walk to New York?'
    const forged: Op<'solved'>[] = [
      { k: 'solved', q: keyOf(TRIP), problem: TRIP, result: answer },
      // a true answer, under another question
      { k: 'solved', q: keyOf(other), problem: other, result: solution(asker) },
      { k: 'solved', q: keyOf(other), problem: other, result: { ...answer, space: problemKey('nowhere') } },
    ]
    const told = await liar.commons.replica.append(forged)
    for (const { id } of told) await liar.commons.graph.verify(id, 1, 'I was there')
    await until('the lies are known', () => told.every(({ id }) => asker.commons.replica.records.has(id)))
    await until('who was there refutes what he can check', async () => (await refuted(asker, told)) === 2)

    const undeceived = async (peer: Peer) => {
      await until('the refutation arrives', async () => (await refuted(peer, told)) === 2)
      const again = ended(await askAll(peer, TRIP))
      expect(again.commons?.solution.content).toBe(first.synthesis?.op.content)
      expect(await firstHappening(peer, other)).toBe('broadcast')
    }
    await Promise.all([asker, village.named('flights')].map(undeceived))
  })

  it('keeps what nobody could answer, and tells who asks it again', async () => {
    const riddle = 'Zorbify the quux, how?'
    const alone = ended(await askAll(asker, riddle, { offerWindowMs: 100, budgetMs: 1_000 }))
    expect(alone.outcome).toBe('no-agents')
    const gap = () => asker.commons.replica.records.of('gap').find(({ op }) => op.q === keyOf(riddle))
    await until('the gap is kept', () => gap() !== undefined)
    expect(await happeningsOf(asker, riddle, 2)).toMatchObject([
      { type: 'broadcast' },
      { type: 'gap', record: { id: gap()?.id } },
    ])
  })

  it('takes an answer back when what it rests on falls', async () => {
    const { synthesis } = first
    const cited = synthesis?.op.claims.flatMap(({ references }) => references) ?? []
    const space = asker.space(first.space)
    const record = cited.map(id => space?.replica.records.get(id)).find(each => each?.op.k === 'proposal')
    const author = ['flights', 'hotels', 'guide']
      .map(name => village.named(name))
      .find(({ identity }) => identity.publicKey === record?.by)
    await author?.space(first.space)?.graph.retract(record?.id ?? '')
    const published = () => asker.commons.replica.records.of('solved').some(({ op }) => op.ev?.[0] === synthesis?.id)
    await until('it is taken back', () => !published())
    expect(await firstHappening(asker, TRIP)).toBe('broadcast')
  })
})

const keyOf = (query: string): string => questionKey({ k: 'broadcast', query }) ?? ''

/** The mesh's verifier stands behind an answer. */
const vouched = (peer: Peer): boolean => {
  const { records } = peer.commons.replica
  return records.of('solved').some(({ id }) => records.of('verify').some(({ op }) => op.of === id && op.v === 1))
}

const solution = (peer: Peer) => {
  const [solved] = peer.commons.replica.records.of('solved')
  if (solved === undefined) throw new Error('nothing was solved')
  return solved.op.result as { space: string; content: string; claims: [] }
}

const refuted = async (peer: Peer, told: readonly Rec[]): Promise<number> => {
  const states = await Promise.all(told.map(({ id }) => peer.commons.graph.status(id)))
  return states.filter(state => state === 'refuted').length
}

/** What becomes of a question first; it is called off then. */
async function firstHappening(peer: Peer, query: string, options: AskOptions = {}): Promise<string | undefined> {
  const [first] = await happeningsOf(peer, query, 1, options)
  return first?.type
}

async function happeningsOf(peer: Peer, query: string, count: number, options: AskOptions = {}): Promise<Happening[]> {
  const stop = new AbortController()
  const happenings: Happening[] = []
  for await (const happening of peer.ask(query, { ...options, signal: stop.signal })) {
    happenings.push(happening)
    if (happenings.length === count) break
  }
  stop.abort()
  return happenings
}
