/** Seven agents on seven peers review generated repositories with planted defects, and their clean twins. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { defineAgent } from '@amp-mesh/agents'
import { conclusion, isFallen } from '@amp-mesh/context'
import { JOINTS, QUESTION, RULES, releaseReviewAgents } from '@amp-mesh/example-release-review'
import type { Happening, Peer } from '@amp-mesh/peer'
import { isKind, type Rec, type RecordId, type SpaceId } from '@amp-mesh/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Audit } from '../fixtures/audit.ts'
import { type Defect, LANGUAGES, makeRepo, type RepoOptions } from '../fixtures/make-repo.ts'
import { program } from '../program.ts'
import { until } from '../until.ts'
import { askAll, ended, said, spaceOf, Village } from './village.ts'

/** The command, as people run it. */
const MAIN = program(new URL('../../packages/cli/src/main.ts', import.meta.url))

interface Review {
  space: SpaceId
  happenings: Happening[]
  /** All facts, and those of them that are findings (their severity is not info), as `rule subject value`. */
  facts: Set<string>
  findings: Set<string>
  /** Ids of the joints that the build_ons rest on. */
  joints: string[]
}

async function review(asker: Peer, dir: string): Promise<Review> {
  const happenings = await askAll(asker, QUESTION, { context: { dir } })
  const { space, outcome } = ended(happenings)
  expect(outcome).toBe('concluded')
  const facts = said(asker, space, 'fact')
  const predicate = (id: string) => facts.find(fact => fact.id === id)?.op.p
  return {
    space,
    happenings,
    facts: new Set(facts.map(statement)),
    findings: new Set(facts.filter(({ op }) => RULES.get(op.p)?.severity !== 'info').map(statement)),
    joints: said(asker, space, 'build_on').flatMap(({ op }) => {
      const [other, own] = [op.parent, ...(op.references ?? []).filter(id => id !== op.parent)].map(predicate)
      return JOINTS.filter(joint => joint.other === other && joint.own === own).map(({ id }) => id)
    }),
  }
}

/** What happened when, by whom: a review that lacks something is told by it. */
const told = ({ happenings }: Review) =>
  happenings.map(({ t, type, agent = '' }) => `${Math.round(t)} ${type} ${agent.split('/').at(-1)}`).join('\n')

const statement = ({ op }: Rec<'fact'>) => `${op.p} ${op.s} ${JSON.stringify(op.o)}`

/** A planted defect was found: a fact of each of its rules about its file, or the joint that needs two. */
function isFound(defect: Defect, { facts, joints }: Review): boolean {
  const stated = defect.rules.every(rule => [...facts].some(each => each.startsWith(`${rule} `)))
  return stated && defect.joints.every(id => joints.includes(id))
}

describe('the release review on a mesh', () => {
  let village: Village
  let asker: Peer
  let folder: string
  let repos = 0
  const repo = (options: Omit<RepoOptions, 'dir'>) => makeRepo({ ...options, dir: join(folder, `repo-${repos++}`) })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amp-review-'))
    village = await Village.found()
    asker = await village.peer('asker')
    await Promise.all(releaseReviewAgents.map(agent => village.peer(agent.name, [agent])))
    await village.gathered()
  })
  afterAll(async () => {
    await village.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** The review of the repository in JavaScript with all its defects, for tests that change one thing. */
  let whole: { dir: string; defects: Defect[]; review: Review }

  it.each(LANGUAGES)('[P3.findings] [P3.together] finds what was planted in a repository in %s', async language => {
    const { dir, defects } = repo({ language })
    expect(defects.length).toBeGreaterThanOrEqual(25)
    const made = await review(asker, dir)
    if (language === 'javascript') whole = { dir, defects, review: made }

    const missed = defects.filter(defect => !isFound(defect, made)).map(({ id }) => id)
    expect(missed.length, `missed: ${missed}\n${told(made)}`).toBeLessThanOrEqual(Math.floor(defects.length * 0.1))
    expect(defects.filter(({ needs }) => needs !== undefined).length).toBeGreaterThanOrEqual(5)

    const { replica, genesis } = spaceOf(asker, made.space)
    const { records } = replica
    const builds = said(asker, made.space, 'build_on')
    expect(builds.filter(({ op, by }) => records.get(op.parent)?.by !== by).length).toBeGreaterThanOrEqual(5)
    const checks = said(asker, made.space, 'verify')
    expect(checks.filter(({ op, by }) => records.get(op.of)?.by !== by).length).toBeGreaterThanOrEqual(8)

    const { synthesis } = ended(made.happenings)
    const cited = new Set(synthesis?.op.claims.flatMap(({ references }) => references))
    expect(synthesis?.op.claims.every(({ references }) => references.length > 0)).toBe(true)
    for (const id of cited) expect([id, records.isLive(id), isFallen(records, genesis, id)]).toEqual([id, true, false])
    expect(new Set([...cited].map(id => records.get(id)?.by)).size, told(made)).toBeGreaterThanOrEqual(4)
  })

  it.each(LANGUAGES)('finds next to nothing in the clean twin in %s', async language => {
    const made = await review(asker, repo({ language, twin: true }).dir)
    expect([...made.findings, ...made.joints].length, [...made.findings].join('; ')).toBeLessThanOrEqual(1)
  })

  it('[P3.claims] without one defect, its records are missing and nothing else; and no two runs go alike', async () => {
    const before = whole.review
    const defect = whole.defects.find(({ needs, rules }) => needs === undefined && rules.length === 1) as Defect
    const after = await review(asker, repo({ language: 'javascript', without: [defect.id] }).dir)
    const lost = [...before.findings].filter(each => !after.findings.has(each))
    expect(lost.length).toBeGreaterThan(0)
    expect(lost.every(each => each.startsWith(defect.rules[0] ?? '-'))).toBe(true)
    expect([...after.findings].filter(each => !before.findings.has(each))).toEqual([])

    const order = ({ happenings }: Review) => happenings.map(({ type, agent }) => `${type} ${agent}`).join()
    const again = await review(asker, whole.dir)
    expect(again.findings).toEqual(before.findings)
    expect(again.joints.sort(), told(again)).toEqual(before.joints.sort())
    expect(order(again)).not.toBe(order(before))
  })

  it('[P3.why] `space why` leads from the conclusion over facts and who verified them to the question', async () => {
    const { space } = whole.review
    const look = async (...args: string[]) => {
      const where = ['--data-dir', village.dataDir, '--folder', 'asker']
      return (await promisify(execFile)(process.execPath, [MAIN, 'space', space, ...args, ...where])).stdout
    }
    const { replica, genesis } = spaceOf(asker, space)
    const { synthesis } = conclusion(replica.records, genesis)
    const [tree, inJson] = await Promise.all([look('why'), look('why', '--json')])
    const lines = tree.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^◆ /)
    expect(tree).toContain(`asks: ${QUESTION}`)
    expect(tree).toMatch(/├─ \[1\] .+/)
    expect(tree).toMatch(/(verified|final) by (history|tests|docs|code|dependencies|secrets|workflow-security)/)

    const nodes = inJson
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { id: string; of?: string; kind: string; folded?: string; missing: string[] })
    const parents = new Set(nodes.map(({ of }) => of))
    expect(nodes[0]).toMatchObject({ id: synthesis?.id, kind: 'synthesis' })
    const cited = synthesis?.op.claims.flatMap(({ references }) => references) ?? []
    expect(nodes.filter(({ of }) => of === synthesis?.id).map(({ id }) => id)).toEqual([...new Set(cited)])
    for (const { id, kind, folded, missing } of nodes) {
      expect(missing).toEqual([])
      expect(parents.has(id) || folded === 'seen' || kind === 'broadcast').toBe(true)
    }
  })

  it('without one agent, its findings and the build-ons that need them are missing and nothing else', async () => {
    const before = whole.review
    await village.leave('history')
    await until('the mesh has noticed', () =>
      asker
        .peers()
        .every(each => each.state !== 'reachable' || each.agents.every(({ agent }) => !agent.endsWith('/history'))),
    )
    const after = await review(asker, whole.dir)
    expect(after.findings).toEqual(new Set([...before.findings].filter(each => !each.startsWith('history.'))))
    const needsHistory = (id: string) =>
      JOINTS.some(joint => joint.id === id && `${joint.other} ${joint.own}`.includes('history.'))
    expect(after.joints.sort()).toEqual(before.joints.filter(id => !needsHistory(id)).sort())
  })

  it('a separate process recounts the same from the signed entries on disk', async () => {
    const spaces = asker.spaces().map(({ id }) => id)
    const docs = village.named('docs')
    const isWithAsker = (space: SpaceId) => {
      const { records } = spaceOf(asker, space).replica
      return [...spaceOf(docs, space).replica.records.all()].every(({ id }) => records.has(id))
    }
    await until('what docs said last is with the asker', () => docs.spaces().every(({ id }) => isWithAsker(id)))
    const shared = new Set(
      docs.spaces().flatMap(({ id }) => [...spaceOf(docs, id).replica.records.all()].map(r => r.id)),
    )
    const peers = await readdir(join(village.dataDir, 'village'))
    await village.stop()
    const folders = peers.filter(name => /^[a-z]/.test(name) && name !== 'mesh.json')
    const script = program(new URL('../fixtures/audit.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [script, ...folders.map(name => join(village.dataDir, 'village', name))],
      { maxBuffer: 64 * 1024 * 1024 },
    )
    const audits = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Audit)
    const own = audits.filter(({ folder }) => folder.endsWith('/asker'))
    expect(own.map(({ space }) => space).sort()).toEqual(spaces.sort())
    for (const audit of own) {
      expect(audit.query).toBe(QUESTION)
      expect(audit.fallenCited).toBe(0)
      expect(audit.authorsCited).toBeGreaterThanOrEqual(4)
      expect(audit.kinds.proposal).toBeGreaterThanOrEqual(6)
    }
    const planted = own.filter(({ buildOnOthers }) => buildOnOthers > 0)
    expect(planted.length).toBeGreaterThanOrEqual(LANGUAGES.length)
    for (const audit of planted) {
      expect(audit.buildOnOthers).toBeGreaterThanOrEqual(5)
      expect(audit.verifyOthers).toBeGreaterThanOrEqual(8)
    }
    // an agent's folder holds the same records as the asker's, but for what it may have said while all were stopping
    for (const audit of audits.filter(({ folder }) => folder.endsWith('/docs'))) {
      const asked = own.find(({ space }) => space === audit.space)
      expect(audit.records.filter(id => shared.has(id as RecordId) && !asked?.records.includes(id))).toEqual([])
    }
  })
})

describe('a liar among them', () => {
  it('[G5.refute] is refuted by others who derive its fact again, and does not reach the synthesis', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'amp-liar-'))
    const village = await Village.found()
    try {
      const { dir } = makeRepo({ language: 'javascript', dir: join(folder, 'repo') })
      const lie = { s: 'src/parser.js', p: 'secrets.leaked', o: { kind: 'AWS access key id', at: 'src/parser.js:2' } }
      const liar = defineAgent({
        name: 'liar',
        capabilities: [{ text: 'Is this repository ready to release? I look for leaked secrets.' }],
        async contribute({ say }) {
          const id = await say.fact({ ...lie, src: { file: 'src/parser.js', line: 2 }, text: 'a key in src/parser.js' })
          if (id !== undefined) await say.propose('All is lost: keys have leaked.', { references: [id], confidence: 1 })
        },
      })
      const asker = await village.peer('asker')
      await Promise.all([...releaseReviewAgents.slice(0, 5), liar].map(agent => village.peer(agent.name, [agent])))
      await village.gathered()
      const { space, happenings } = await review(asker, dir)
      const { replica, genesis } = spaceOf(asker, space)
      const planted = said(asker, space, 'fact').find(({ op }) => op.agent === 'liar')
      if (planted === undefined) throw new Error('the liar said nothing')
      expect(isFallen(replica.records, genesis, planted.id)).toBe(true)
      const verdicts = replica.records.referencing(planted.id).filter(each => isKind(each, 'verify'))
      expect(verdicts.filter(each => isKind(each, 'verify') && each.op.v === -1).length).toBeGreaterThanOrEqual(3)
      const { synthesis } = ended(happenings)
      expect(synthesis?.op.claims.flatMap(({ references }) => references)).not.toContain(planted.id)
      expect(JSON.stringify(synthesis?.op)).not.toContain('All is lost')
    } finally {
      await village.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
