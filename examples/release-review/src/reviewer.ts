/** Makes an agent of a set of rules: states what they find, builds on what others found, checks what others state. */
import { setImmediate } from 'node:timers/promises'
import { defineAgent } from '@amp-mesh/agents'
import type { Agent, Capability, Offer, Question, Rec, RecordId, Turn, Verdict } from '@amp-mesh/protocol'
import { AmpError } from '@amp-mesh/protocol'
import { type FindingFact, factOf, placeOf, type Rule, rederive, sameJson } from './findings.ts'
import { builderOf, JOINTS, wordsOf } from './joints.ts'
import { folderOf, headOf, openRepository, type Repository } from './repository.ts'
import { RULES, rulesOf } from './rules.ts'
import { type Found, summarise } from './summary.ts'
import { synthesise } from './synthesis.ts'

export interface Reviewer {
  name: string
  description: string
  capabilities: readonly Capability[]
}

/** Facts one rule states about a repository; more would drown the others. The summary says how many there are. */
const FACTS_PER_RULE = 10
/** Questions whose repository and progress are kept; an older one is read again if it comes back. */
const QUESTIONS = 16

/** An agent that reviews a git repository by the rules that bear its name. */
export function reviewer({ name, description, capabilities }: Reviewer): Agent {
  const rules = rulesOf(name)
  const memories = new Recent<Memory>()
  return defineAgent({
    name,
    description,
    capabilities,
    operator: 'amp-mesh examples',
    offer: (question, turn) => offer(capabilities, question, turn),
    async contribute(turn) {
      const repo = await repositoryOf(turn)
      if (repo === undefined) {
        const why = 'the question names no git repository I can read; ask again with its folder: context {dir}'
        await turn.say.propose(`${name}: ${why}`, { confidence: 0 })
        return
      }
      const memory = memories.of(turn.question.id, () => ({ stated: undefined, built: new Set() }))
      memory.stated ??= await state(name, rules, repo, turn)
      await buildOn(name, memory as Memory & { stated: Stated }, repo, turn)
    },
    verify: (fact, turn) => verify(fact, turn),
    synthesise,
  })
}

/** Records that state the own findings, by predicate. */
type Stated = ReadonlyMap<string, readonly { id: RecordId }[]>

interface Memory {
  /** Undefined until all is said. */
  stated: Stated | undefined
  /** `<joint> <parent>` of what was built or found to make no risk. */
  built: Set<string>
}

/** A map that forgets the oldest. */
class Recent<T> {
  readonly #values = new Map<string, T>()

  of(key: string, make: () => T): T {
    const known = this.#values.get(key)
    if (known !== undefined) return known
    const value = make()
    this.#values.set(key, value)
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= QUESTIONS) break
      this.#values.delete(oldest)
    }
    return value
  }

  forget(key: string): void {
    this.#values.delete(key)
  }
}

/** Agents that share a process share what was read. */
const repositories = new Recent<Promise<Repository>>()

/** The question's repository, read once; undefined when there is none to read. */
async function repositoryOf({ question, signal, log }: Turn): Promise<Repository | undefined> {
  const dir = folderOf(question.context)
  if (dir === undefined) return undefined
  const key = `${question.id} ${dir}`
  try {
    return await repositories.of(key, () => openRepository(dir, signal))
  } catch (error) {
    repositories.forget(key)
    signal.throwIfAborted()
    if (!(error instanceof AmpError)) throw error
    log.warn('no repository to review', { dir, why: error.message })
    return undefined
  }
}

/**
 * Sure when the question names a repository and its words are ours; unsure without one; silent when it
 * can't be read.
 */
async function offer(
  capabilities: readonly Capability[],
  question: Question,
  turn: Pick<Turn, 'embedder' | 'signal'>,
): Promise<Offer | undefined> {
  const dir = folderOf(question.context)
  if (dir !== undefined && (await headOf(dir, turn.signal)) === undefined) return undefined
  const texts = capabilities.flatMap(capability => [capability.text, ...(capability.examples ?? [])])
  const [query, ...vectors] = await turn.embedder.embed([question.query, ...texts], turn.signal)
  const closeness = Math.max(0, ...vectors.map(vector => dot(query ?? vector, vector)))
  if (closeness < UNRELATED) return undefined
  const confidence = Math.min(1, closeness) * (dir === undefined ? 0.3 : 1)
  const what = capabilities[0]?.text ?? ''
  return { confidence, offer: dir === undefined ? `${what}, once I know its folder` : what }
}

/** Below this cosine the question shares no more than an everyday word with what we can do. */
const UNRELATED = 0.15

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)

/**
 * States every finding as a fact, all at once so that the ledger stores them together, then sums them up in one
 * proposal that refers to them.
 */
async function state(name: string, rules: readonly Rule[], repo: Repository, turn: Turn): Promise<Stated> {
  const found: Found[] = []
  for (const rule of rules) {
    await setImmediate(undefined, { signal: turn.signal }) // the peer's own work goes on between two rules
    found.push({ rule, findings: await rule.derive(repo) })
  }
  const facts = found.flatMap(({ rule, findings }) =>
    findings.slice(0, FACTS_PER_RULE).map(finding => factOf(rule, finding)),
  )
  const distinct = [...new Map(facts.map(fact => [JSON.stringify(fact), fact])).values()]
  const said = await Promise.all(distinct.map(async fact => ({ rule: fact.p, id: await say(fact, turn) })))
  const ours = said.flatMap(({ rule, id }) => (id === undefined ? [] : [{ rule, id }]))
  await turn.say.propose(summarise(name, found, repo), { references: ours.map(({ id }) => id), confidence: 1 })
  return Map.groupBy(ours, ({ rule }) => rule)
}

/** The record that states it: a new one, or the same statement of somebody else. */
async function say(fact: FindingFact, turn: Turn): Promise<RecordId | undefined> {
  const said = await turn.say.fact(fact)
  if (said !== undefined) return said
  const same = ({ op }: Rec<'fact'>) =>
    op.p === fact.p && op.s === fact.s && op.text === fact.text && sameJson(op.o, fact.o) && sameJson(op.src, fact.src)
  return turn.knowledge.of('fact').find(same)?.id
}

/** Builds on others' facts that, with an own one, make a risk; only on those it can derive itself. */
async function buildOn(name: string, memory: Memory & { stated: Stated }, repo: Repository, turn: Turn): Promise<void> {
  const facts = turn.knowledge.of('fact')
  const pairs = JOINTS.filter(joint => builderOf(joint) === name).flatMap(joint =>
    facts.filter(({ op }) => op.p === joint.other).map(parent => ({ joint, parent })),
  )
  await Promise.all(
    pairs.map(async ({ joint, parent }) => {
      const key = `${joint.id} ${parent.id}`
      if (memory.built.has(key) || isWithdrawn(turn, parent.id)) return
      if ((await rederive(repo, RULES, parent.op))?.v === 1) {
        const own = (memory.stated.get(joint.own) ?? []).map(({ id }) => turn.knowledge.get(id)).filter(isFact)
        const risks = own.map(fact => ({ fact, risk: joint.join(parent.op, fact.op, repo) }))
        const first = risks.find(({ risk }) => risk !== undefined)
        turn.signal.throwIfAborted()
        if (first?.risk !== undefined)
          await turn.say.buildOn(parent.id, wordsOf(first.risk, parent.op, first.fact.op), {
            references: [parent.id, first.fact.id],
          })
      }
      memory.built.add(key)
    }),
  )
}

const isFact = (record: Rec | undefined): record is Rec<'fact'> => record?.op.k === 'fact'

const isWithdrawn = (turn: Turn, id: RecordId) =>
  ['refuted', 'retracted', 'superseded'].includes(turn.knowledge.status(id))

async function verify(fact: Rec<'fact'>, turn: Turn): Promise<Verdict | undefined> {
  if (!RULES.has(fact.op.p)) return undefined
  const repo = await repositoryOf(turn)
  if (repo === undefined) return undefined
  const verdict = await rederive(repo, RULES, fact.op)
  const place = placeOf(fact.op.src)
  return verdict === undefined ? undefined : { ...verdict, ev: verdict.ev ?? (place === '' ? [] : [place]) }
}
