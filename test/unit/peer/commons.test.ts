/** What a peer owes the commons, and what it believes of it: decided from records alone, liars among their authors. */
import { type Evidence, Records, solutionOf } from '@amp-mesh/context'
import {
  COMMONS_LIMITS,
  commonsGenesis,
  type Genesis,
  type Json,
  type Op,
  type PublicKey,
  problemKey,
  questionKey,
  type Rec,
} from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { commonsDuties } from '../../../packages/peer/src/commons-duties.ts'
import { knownGap, remembered } from '../../../packages/peer/src/remembered.ts'
import { genesis, identity } from '../../simulation/space.ts'

const [ASKER, ANN, BOB, LIAR, FIRST, SECOND, THIRD, FOURTH] = [0, 1, 2, 3, 10, 11, 12, 13].map(
  n => identity(n).publicKey,
) as [PublicKey, PublicKey, PublicKey, PublicKey, PublicKey, PublicKey, PublicKey, PublicKey]
const MESH_FILE = { v: 1 as const, name: 'test', key: FIRST, limits: {} }
const QUERY = 'How far is Rome?'
const Q = questionKey({ k: 'broadcast', query: QUERY }) ?? ''
const NOW = 1_000_000

/** A space whose records are made up. */
class Talk implements Evidence {
  readonly id: string
  readonly genesis: Genesis
  readonly records = new Records()
  #time = NOW
  #count = 0

  constructor(name: string, made: Genesis) {
    this.id = name.padEnd(42, '-').concat('A')
    this.genesis = made
  }

  say<O extends Op>(by: PublicKey, op: O): Rec<O['k']> {
    const n = this.#count++
    const id = `${this.id.slice(0, 8)}${n}`.padEnd(32, '_')
    const record: Rec = { id, by, log: by.slice(0, 22), seq: n, n, time: this.#time++, op }
    this.records.add([record])
    return record as Rec<O['k']>
  }
}

interface TalkInit {
  founder?: PublicKey
  cites?: 'all' | 'one' | 'nothing'
  open?: boolean
  /** What the question is about, and in which state that is. */
  context?: Json
  about?: Json
  partial?: true
}

/** Ann and Bob offered, Ann proposed, Bob built on it, Ann concluded; all that it takes but the settles. */
function talk({ founder = ASKER, cites = 'all', open = true, context, about, partial }: TalkInit = {}) {
  const space = new Talk('question', { ...genesis({ open }), founder })
  const state = { ...(context !== undefined && { context }), ...(about !== undefined && { about }) }
  const asked = space.say(founder, { k: 'broadcast', query: QUERY, ...state })
  for (const by of [ANN, BOB])
    space.say(by, { k: 'capability_match', for: asked.id, confidence: 1, offer: 'x', agent: 'a' })
  const idea = space.say(ANN, { k: 'proposal', for: asked.id, content: '1,100 km', agent: 'a' })
  const more = space.say(BOB, { k: 'build_on', parent: idea.id, content: 'by road', agent: 'a' })
  const references = cites === 'all' ? [idea.id, more.id] : [idea.id]
  const claims = cites === 'nothing' ? [] : [{ text: '1,100 km', references }]
  const synthesis = space.say(ANN, {
    k: 'synthesis',
    for: asked.id,
    content: '1,100 km',
    claims,
    ...(partial && { partial }),
    agent: 'a',
  })
  return { space, asked, idea, synthesis }
}

const settled = (space: Talk, ...who: PublicKey[]) => {
  for (const by of who)
    space.say(by, { k: 'settle', heads: [...space.records.heads()].map(([log, seq]) => [log, seq]), agent: 'a' })
}

const commons = (...verifiers: PublicKey[]) => new Talk('commons', commonsGenesis('mesh', { ...MESH_FILE, verifiers }))

const duties = (self: PublicKey, kept: Talk, space: Evidence, now = NOW + 100) =>
  commonsDuties({ commons: kept, space, self, suspected: new Set(), now })

const recalls = (kept: Talk, { self = LIAR, carries = [] as Evidence[], now = NOW } = {}) => {
  const space = (id: string) => carries.find(each => each.id === id)
  return remembered(Q, { records: kept.records, genesis: kept.genesis, self, now, space })
}

describe('what is published', () => {
  it('is published by who concluded, once all have settled on it, and once', () => {
    const { space, synthesis } = talk()
    const kept = commons(FIRST)
    expect(duties(ANN, kept, space)).toEqual({ ops: [], ripensLater: true })
    settled(space, ANN, BOB)
    for (const other of [ASKER, BOB, FIRST]) expect(duties(other, kept, space).ops).toEqual([])
    const { ops } = duties(ANN, kept, space)
    expect(ops).toMatchObject([
      { k: 'solved', q: Q, problem: QUERY, result: { space: space.id, synthesis: synthesis.id } },
    ])
    for (const op of ops) kept.say(ANN, op)
    expect(duties(ANN, kept, space)).toEqual({ ops: [], ripensLater: false })
  })

  it('does not wait for ever for those who do not settle', () => {
    const { space } = talk()
    settled(space, ANN)
    expect(duties(ANN, commons(FIRST), space, NOW + 10_000).ops).toHaveLength(1)
  })

  it.each<[string, TalkInit]>([
    ['is partial', { partial: true }],
    ['rests on nothing', { cites: 'nothing' }],
    ['is of a closed space', { open: false }],
    ['is about a thing whose state is unknown', { context: { dir: '/a' } }],
  ])('is nothing that %s', (_, init) => {
    const { space } = talk(init)
    settled(space, ANN, BOB)
    for (const self of [ANN, ASKER]) expect(duties(self, commons(FIRST), space, NOW + 10_000).ops).toEqual([])
  })

  it('is nothing that was called off', () => {
    const { space, asked } = talk({ context: { dir: '/a' }, about: { head: 'a' } })
    settled(space, ANN, BOB)
    expect(solutionOf(space)).toBeDefined()
    space.say(ASKER, { k: 'cancel', for: asked.id })
    for (const self of [ANN, ASKER]) expect(duties(self, commons(FIRST), space, NOW + 10_000).ops).toEqual([])
  })

  it('is taken back when what it rests on falls', () => {
    const { space, idea } = talk()
    settled(space, ANN, BOB)
    const kept = commons(FIRST)
    const [solved] = duties(ANN, kept, space).ops.map(op => kept.say(ANN, op))
    space.say(ANN, { k: 'retract', of: idea.id })
    expect(duties(ANN, kept, space).ops).toEqual([{ k: 'retract', of: solved?.id }])
  })

  it('tells gaps: what nobody could answer by who asked, needs left open by who concluded', () => {
    const nobody = new Talk('nobody', genesis())
    nobody.say(ASKER, { k: 'broadcast', query: QUERY })
    nobody.say(ASKER, { k: 'gap', q: Q, text: QUERY })
    const kept = commons(FIRST)
    expect(duties(BOB, kept, nobody).ops).toEqual([])
    expect(duties(ASKER, kept, nobody).ops).toEqual([{ k: 'gap', q: Q, text: QUERY }])
    const { space } = talk()
    space.say(BOB, { k: 'need', content: 'Who knows the tolls?', agent: 'a' })
    settled(space, ANN, BOB)
    const { ops } = duties(ANN, kept, space)
    expect(ops.filter(({ k }) => k === 'gap')).toEqual([
      { k: 'gap', q: problemKey('Who knows the tolls?'), text: 'Who knows the tolls?' },
    ])
    for (const op of ops) kept.say(ANN, op)
    expect(duties(ANN, kept, space).ops).toEqual([])
  })
})

describe('what a verifier of the mesh says of it', () => {
  const published = (verifier: PublicKey, made = talk()) => {
    settled(made.space, ANN, BOB)
    const kept = commons(verifier)
    const [op] = duties(ANN, commons(ANN), made.space).ops
    const solved = kept.say(ANN, op as Op<'solved'>)
    return { ...made, kept, solved }
  }

  it('supports it when it asked, or when its agents took part and are heard', () => {
    for (const verifier of [ASKER, BOB]) {
      const { kept, space, solved } = published(verifier)
      const { ops } = duties(verifier, kept, space)
      expect(ops).toEqual([{ k: 'verify', of: solved.id, v: 1 }])
      for (const op of ops) kept.say(verifier, op)
      expect(duties(verifier, kept, space).ops).toEqual([])
    }
  })

  it('is silent when it was a bystander, or left out', () => {
    const bystander = published(FIRST)
    expect(duties(FIRST, bystander.kept, bystander.space).ops).toEqual([])
    const ignored = published(BOB, talk({ cites: 'one' }))
    expect(duties(BOB, ignored.kept, ignored.space).ops).toEqual([])
  })

  it('refutes what did not come out there', () => {
    const { kept, space, solved } = published(ASKER)
    const { q, problem, result } = solved.op
    const lies: Op<'solved'>[] = [
      { k: 'solved', q, problem, result: { ...(result as object), content: 'It is near.' } as Json },
      { k: 'solved', q, problem, result: { ...(result as object), by: [] } as Json },
      { k: 'solved', q: problemKey('Is Rome near?'), problem, result },
      { k: 'solved', q, problem: 'Is Rome near?', result },
    ]
    const told = lies.map(lie => kept.say(LIAR, lie).id)
    const verdicts = duties(ASKER, kept, space).ops.map(op => (op.k === 'verify' ? [op.of, op.v] : []))
    expect(verdicts).toEqual([[solved.id, 1], ...told.map(id => [id, -1])])
  })

  it('changes its mind when the conclusion falls', () => {
    const { kept, space, solved, idea } = published(BOB)
    for (const op of duties(BOB, kept, space).ops) kept.say(BOB, op)
    space.say(ANN, { k: 'retract', of: idea.id })
    expect(duties(BOB, kept, space).ops).toEqual([{ k: 'verify', of: solved.id, v: 0 }])
  })
})

describe('[P6.poison] what is believed', () => {
  const { space } = talk()
  settled(space, ANN, BOB)
  const truth = solutionOf(space) as Op<'solved'>
  const lie: Op<'solved'> = { ...truth, result: { ...(truth.result as object), content: 'It is near.' } as Json }

  it('needs f+1 verifiers of the mesh, its author among them or not', () => {
    const kept = commons(FIRST, SECOND, THIRD, FOURTH)
    const { id } = kept.say(ANN, truth)
    expect(recalls(kept)).toBeUndefined()
    kept.say(LIAR, { k: 'verify', of: id, v: 1 })
    kept.say(FIRST, { k: 'verify', of: id, v: 1 })
    expect(recalls(kept), 'one of four may lie').toBeUndefined()
    kept.say(SECOND, { k: 'verify', of: id, v: 1 })
    expect(recalls(kept)).toMatchObject({ own: false, vouchedBy: [FIRST, SECOND], solved: { id } })

    const byOne = commons(FIRST, SECOND, THIRD, FOURTH)
    const own = byOne.say(FIRST, truth)
    expect(recalls(byOne)).toBeUndefined()
    byOne.say(SECOND, { k: 'verify', of: own.id, v: 1 })
    expect(recalls(byOne)).toBeDefined()
    expect(recalls(commonsWith(FIRST, truth)), 'the only verifier').toBeDefined()
  })

  it('is not what one lying verifier says, nor what enough of them refute', () => {
    const kept = commons(FIRST, SECOND, THIRD, FOURTH)
    const { id } = kept.say(FOURTH, lie)
    kept.say(LIAR, { k: 'verify', of: id, v: 1 })
    expect(recalls(kept)).toBeUndefined()
    const disputed = commons(FIRST, SECOND, THIRD, FOURTH)
    const solved = disputed.say(ANN, truth)
    for (const verifier of [FIRST, SECOND]) disputed.say(verifier, { k: 'verify', of: solved.id, v: 1 })
    disputed.say(THIRD, { k: 'verify', of: solved.id, v: -1 })
    expect(recalls(disputed)).toBeDefined()
    disputed.say(FOURTH, { k: 'verify', of: solved.id, v: -1 })
    expect(recalls(disputed)).toBeUndefined()
  })

  it('is what this peer asked and finds again in its own space, whoever published it, and nothing else', () => {
    const kept = commons(FIRST)
    kept.say(LIAR, truth)
    kept.say(LIAR, lie)
    expect(recalls(kept, { self: ASKER, carries: [space] })).toMatchObject({
      own: true,
      solution: { content: '1,100 km' },
    })
    expect(recalls(kept, { self: BOB, carries: [space] }), 'it was there, and asked nothing').toBeUndefined()
    expect(recalls(kept, { self: ASKER })).toBeUndefined()
  })

  it('is not what a liar founded and answered himself, even in a space that we carry', () => {
    const stage = talk({ founder: LIAR }).space
    settled(stage, ANN, BOB)
    const kept = commons(FIRST)
    kept.say(LIAR, solutionOf(stage) as Op<'solved'>)
    expect(recalls(kept, { self: ASKER, carries: [stage] })).toBeUndefined()
    expect(duties(FIRST, kept, stage).ops).toEqual([])
  })

  it('is not what differs from what we carry, not too old, and not broken', () => {
    expect(recalls(commonsWith(FIRST, lie), { self: BOB, carries: [space] })).toBeUndefined()
    expect(recalls(commonsWith(FIRST, truth), { now: NOW + COMMONS_LIMITS.answerMs - 1 })).toBeDefined()
    expect(recalls(commonsWith(FIRST, truth), { now: NOW + COMMONS_LIMITS.answerMs + 1 })).toBeUndefined()
    for (const result of [null, 'text', {}, { ...(truth.result as object), claims: 'x' } as Json])
      expect(recalls(commonsWith(FIRST, { ...truth, result }))).toBeUndefined()
  })

  it('knows gaps until somebody trusted has closed them', () => {
    const kept = commons(FIRST)
    const gap = kept.say(ANN, { k: 'gap', q: Q, text: QUERY })
    const memory = { records: kept.records, genesis: kept.genesis, self: BOB, now: NOW, space: () => undefined }
    expect(knownGap(Q, memory)?.id).toBe(gap.id)
    const solved = kept.say(LIAR, truth)
    expect(knownGap(Q, memory)?.id, 'nobody vouches for it').toBe(gap.id)
    kept.say(FIRST, { k: 'verify', of: solved.id, v: 1 })
    expect(knownGap(Q, memory)).toBeUndefined()
  })
})

function commonsWith(author: PublicKey, op: Op): Talk {
  const kept = commons(author)
  kept.say(author, op)
  return kept
}
