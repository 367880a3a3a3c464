/** Seven agents around a table: they state, check and build on each other, and what a liar says does not last. */
import { type Agent, type Model, PATTERNS, type Rec, readOp } from '@amp-mesh/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  builderOf,
  concludeFrom,
  JOINTS,
  RULES,
  releaseReviewAgents,
} from '../../../examples/release-review/src/index.ts'
import { type Defect, LANGUAGES, makeRepo } from '../../fixtures/make-repo.ts'
import { newFolder, statementOf } from './fixture-repos.ts'
import { RoundTable } from './round-table.ts'

/** Ids of the joints that build_ons rest on. */
const jointsAt = (table: RoundTable) =>
  table.of('build_on').map(({ op }) => {
    const predicates = (op.references ?? []).map(id => (table.get(id) as Rec<'fact'>).op.p)
    return JOINTS.find(({ other, own }) => predicates.includes(other) && predicates.includes(own))?.id
  })

describe.each(LANGUAGES)('on a repository in %s', language => {
  let table: RoundTable
  let defects: readonly Defect[]
  beforeAll(async () => {
    const made = makeRepo({ language, dir: newFolder() })
    defects = made.defects
    table = new RoundTable({ dir: made.dir })
    await table.discuss(releaseReviewAgents)
  })

  it('every agent proposes once, refers to its own facts, and every record is a sound one', () => {
    expect(
      table
        .of('proposal')
        .map(({ by }) => by)
        .sort(),
    ).toEqual(releaseReviewAgents.map(({ name }) => name).sort())
    for (const { by, op } of table.of('proposal'))
      expect((op.references ?? []).map(id => table.get(id)?.by)).toEqual((op.references ?? []).map(() => by))
    for (const { op } of table.records) expect(readOp(JSON.parse(JSON.stringify(withoutIds(op))))).toBeDefined()
  })

  it('two agents together see what was planted for two', () => {
    const expected = defects.flatMap(({ joints }) => joints)
    expect(jointsAt(table).sort()).toEqual(expected.sort())
    expect(defects.filter(({ needs }) => needs !== undefined).length).toBeGreaterThanOrEqual(5)
    for (const { by, op } of table.of('build_on')) {
      expect(table.get(op.parent)?.by).not.toBe(by)
      expect(new Set((op.references ?? []).map(id => table.get(id)?.by)).size).toBe(2)
    }
  })

  it('every fact is derived again by the six others', () => {
    expect(table.judgements.length).toBe(table.of('fact').length * 6)
    expect(table.judgements.filter(({ verdict }) => verdict.v !== 1)).toEqual([])
  })

  it('concludes the same whatever the order of the records, with claims that cite at least four authors', () => {
    const { knowledge } = table.turnOf('history')
    const conclusion = concludeFrom(knowledge)
    expect(conclusion.content).toMatch(/^Not ready: \d+ blockers/)
    const cited = conclusion.claims.flatMap(({ references }) => references)
    expect(conclusion.claims.every(({ references }) => references.length > 0)).toBe(true)
    expect(new Set(cited.map(id => table.get(id)?.by)).size).toBeGreaterThanOrEqual(4)
    const reversed = { ...knowledge, of: (kind => [...knowledge.of(kind)].reverse()) as typeof knowledge.of }
    expect(concludeFrom(reversed)).toEqual(conclusion)
    expect(Buffer.byteLength(JSON.stringify(conclusion))).toBeLessThan(14_000)
  })
})

describe('on the twin', () => {
  it('says it is ready, and builds nothing', async () => {
    const { dir } = makeRepo({ language: 'python', dir: newFolder(), twin: true })
    const table = new RoundTable({ dir })
    await table.discuss(releaseReviewAgents)
    expect(table.of('build_on')).toEqual([])
    expect(table.of('fact').filter(({ op }) => RULES.get(op.p)?.severity !== 'info')).toEqual([])
    expect(table.of('proposal').length).toBe(7)
    const { content, claims } = concludeFrom(table.turnOf('docs').knowledge)
    expect(content).toMatch(/^Ready, with 0 remarks/)
    expect(new Set(claims.flatMap(({ references }) => references.map(id => table.get(id)?.by))).size).toBe(7)
  })
})

describe('lies', () => {
  const lies = [
    {
      s: 'src/cache.js',
      p: 'secrets.leaked',
      o: { kind: 'AWS access key id', at: 'src/cache.js:2' },
      src: { file: 'src/cache.js', line: 2 },
    },
    { s: 'src/parser.js', p: 'history.hot-file', o: { changes: 31, of: 31 }, src: { commit: '0'.repeat(40) } },
    {
      s: 'config/service.yml',
      p: 'secrets.leaked',
      o: { kind: 'AWS access key id', at: 'config/service.yml:1' },
      src: { file: 'config/service.yml', line: 1 },
    },
    {
      s: 'src/atlas.js',
      p: 'code.large-file',
      o: { lines: 1008, at: 'src/atlas.js:1' },
      src: { file: 'src/atlas.js', line: 1 },
      text: 'src/atlas.js has 9999 lines',
    },
  ]

  it('are refuted by each of the seven, are not built upon, and do not reach the conclusion', async () => {
    const { dir } = makeRepo({ language: 'javascript', dir: newFolder() })
    const table = new RoundTable({ dir })
    const ids = lies.map(lie => table.say('liar', { k: 'fact', ...lie }))
    table.say('liar', { k: 'proposal', for: table.question.id, content: 'all is lost', references: ids })
    await table.discuss(releaseReviewAgents)
    for (const id of ids) {
      const verdicts = table.judgements.filter(({ fact }) => fact.id === id)
      expect(verdicts.map(({ verdict }) => verdict.v)).toEqual(releaseReviewAgents.map(() => -1))
      expect(verdicts.every(({ verdict }) => (verdict.why ?? '') !== '')).toBe(true)
    }
    const rested = table.of('build_on').flatMap(({ op }) => [op.parent, ...(op.references ?? [])])
    expect(rested.filter(id => ids.includes(id))).toEqual([])
    const { claims, content } = concludeFrom(table.turnOf('code').knowledge)
    expect(claims.flatMap(({ references }) => references).filter(id => ids.includes(id))).toEqual([])
    expect(content).not.toContain('all is lost')
  })

  it('of a kind nobody knows can not be judged', async () => {
    const { dir } = makeRepo({ language: 'go', dir: newFolder(), twin: true })
    const table = new RoundTable({ dir })
    table.say('stranger', { k: 'fact', s: 'moon', p: 'is-made-of', o: 'cheese' })
    await table.discuss(releaseReviewAgents.slice(0, 1))
    expect(table.judgements).toEqual([])
  })
})

describe('without one defect', () => {
  it.each(['install-script-with-token', 'secret-in-source'])('%s, only what was built on it is missing', async id => {
    const [whole, less] = [makeRepo({ language: 'javascript', dir: newFolder() }), newFolder()]
    makeRepo({ language: 'javascript', dir: less, without: [id] })
    const tables = [new RoundTable({ dir: whole.dir }), new RoundTable({ dir: less })] as const
    for (const table of tables) await table.discuss(releaseReviewAgents)
    const left = jointsAt(tables[0])
    for (const joint of whole.defects.find(defect => defect.id === id)?.joints ?? [])
      left.splice(left.indexOf(joint), 1)
    expect(jointsAt(tables[1]).sort()).toEqual(left.sort())
  })
})

describe('without one agent', () => {
  it.each(['history', 'tests', 'workflow-security'])(
    '%s, only its findings and what needs them are missing',
    async name => {
      const { dir } = makeRepo({ language: 'javascript', dir: newFolder() })
      const [whole, less] = [new RoundTable({ dir }), new RoundTable({ dir })]
      await whole.discuss(releaseReviewAgents)
      await less.discuss(releaseReviewAgents.filter(agent => agent.name !== name))
      const facts = (table: RoundTable) =>
        table
          .of('fact')
          .map(({ op }) => statementOf(op))
          .sort()
      expect(facts(less)).toEqual(facts(whole).filter(fact => !fact.startsWith(`${name}.`)))
      const needs = (id: string | undefined) => {
        const joint = JOINTS.find(one => one.id === id)
        return joint !== undefined && (builderOf(joint) === name || joint.other.startsWith(`${name}.`))
      }
      expect(jointsAt(less).sort()).toEqual(
        jointsAt(whole)
          .filter(id => !needs(id))
          .sort(),
      )
    },
  )
})

describe('an agent', () => {
  const [history] = releaseReviewAgents as [Agent]

  it('says nothing twice, also when it was started again', async () => {
    const { dir } = makeRepo({ language: 'go', dir: newFolder() })
    const table = new RoundTable({ dir })
    await table.discuss(releaseReviewAgents)
    const { length } = table.records
    const forgetful = new RoundTable({ dir })
    forgetful.records.push(...table.records)
    await forgetful.discuss(releaseReviewAgents)
    expect(forgetful.records.length).toBe(length)
  })

  it('is sure with a repository, unsure without one, silent when it is none or the question is another', async () => {
    const { dir } = makeRepo({ language: 'go', dir: newFolder(), twin: true })
    const { question, ...turn } = new RoundTable({ dir }).turnOf('x')
    for (const agent of releaseReviewAgents) {
      const offer = async (context: Rec['op'] | object, query = question.query) =>
        (await agent.offer?.({ ...question, query, context: context as { dir: string } }, turn))?.confidence
      const sure = (await offer({ dir })) ?? 0
      expect(sure).toBeGreaterThan(0.5)
      expect(await offer({})).toBeLessThan(sure)
      expect(await offer({ dir: newFolder() })).toBeUndefined()
      expect(await offer({ dir }, 'book travel to New York')).toBeUndefined()
    }
  })

  it('asks for a repository when it is given none, and concludes nothing', async () => {
    const table = new RoundTable({})
    await table.discuss(releaseReviewAgents)
    expect(table.of('proposal').length).toBe(7)
    expect(table.records.length).toBe(7)
    const { content, claims } = concludeFrom(table.turnOf('docs').knowledge)
    expect(content).toMatch(/^Nothing was found out/)
    expect(claims).toEqual([])
  })

  it('stops when its turn is aborted', async () => {
    const { dir } = makeRepo({ language: 'go', dir: newFolder(), twin: true })
    const table = new RoundTable({ dir })
    const aborted = AbortSignal.abort(new Error('enough'))
    await expect(history.contribute(table.turnOf('history', aborted))).rejects.toThrow('enough')
    expect(table.records).toEqual([])
  })
})

describe('a model', () => {
  const conclude = async (text: string) => {
    const { dir } = makeRepo({ language: 'python', dir: newFolder(), twin: true })
    const model: Model = { id: 'local', complete: async () => ({ text }) }
    const table = new RoundTable({ dir }, model)
    await table.discuss(releaseReviewAgents)
    return releaseReviewAgents[0]?.synthesise?.(table.turnOf('history'))
  }

  it('phrases the conclusion below our verdict', async () => {
    const { content, claims } = (await conclude('All of it was read and nothing stands against it [2].')) ?? {}
    expect(content).toMatch(/^Ready, with 0 remarks\.\n\nAll of it was read/)
    expect(claims?.every(({ references }) => references.length > 0)).toBe(true)
  })

  it.each(['There are leaks [99].', 'Ship it, no proof needed.'])('is not believed when it says “%s”', async text => {
    expect((await conclude(text))?.content).not.toContain(text)
  })
})

/** The table's ids and names are no hashes: stands in for them what the vocabulary wants. */
function withoutIds(op: Rec['op']): unknown {
  const id = 'a'.repeat(32)
  expect(id).toMatch(PATTERNS.recordId)
  return 'for' in op ? { ...op, for: id } : op
}
