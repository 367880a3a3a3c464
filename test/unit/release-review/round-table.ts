/**
 * Agents around a table: records in memory instead of a mesh, every agent's turn in order until nobody
 * has more to say.
 */
import { LexicalEmbedder } from '@amp-mesh/discovery'
import type { Agent, Json, Knowledge, Model, Op, Question, Rec, RecordId, Turn, Verdict } from '@amp-mesh/protocol'
import { QUESTION } from '../../../examples/release-review/src/index.ts'
import { emptyGraph } from '../agents/empty-graph.ts'

export interface Judgement {
  by: string
  fact: Rec<'fact'>
  verdict: Verdict
}

export class RoundTable {
  readonly question: Question
  readonly records: Rec[] = []
  readonly judgements: Judgement[] = []
  readonly #model: Model | undefined

  constructor(context: Json, model?: Model) {
    // agents remember questions by their ids
    this.question = { id: String(tables++).padStart(32, 'q'), query: QUESTION, context }
    this.#model = model
  }

  /** Everybody contributes until a round brings nothing new, then everybody judges the others' facts. */
  async discuss(agents: readonly Agent[]): Promise<void> {
    for (let before = -1; before !== this.records.length; ) {
      before = this.records.length
      for (const agent of agents) await agent.contribute(this.turnOf(agent.name))
    }
    for (const agent of agents)
      for (const fact of this.of('fact').filter(one => one.by !== agent.name)) {
        const verdict = await agent.verify?.(fact, this.turnOf(agent.name))
        if (verdict !== undefined) this.judgements.push({ by: agent.name, fact, verdict })
      }
  }

  say(by: string, op: Op): RecordId {
    const id = String(this.records.length).padStart(32, '0')
    this.records.push({ id, by, log: by, seq: this.records.length, n: 0, time: this.records.length, op })
    return id
  }

  of<K extends Op['k']>(kind: K): Rec<K>[] {
    return this.records.filter((record): record is Rec<K> => record.op.k === kind)
  }

  get(id: RecordId): Rec | undefined {
    return this.records.find(record => record.id === id)
  }

  turnOf(name: string, signal: AbortSignal = new AbortController().signal): Turn {
    return {
      question: this.question,
      self: `amp://table/${name}`,
      news: this.records.filter(record => record.by !== name),
      knowledge: this.#knowledge(),
      say: this.#speechOf(name),
      graph: emptyGraph,
      ...(this.#model && { model: this.#model }),
      embedder: new LexicalEmbedder(),
      log: { debug() {}, info() {}, warn() {}, error() {} },
      signal,
    }
  }

  #knowledge(): Knowledge {
    return {
      space: 'table',
      question: this.question,
      records: () => this.records,
      get: id => this.get(id),
      of: kind => this.of(kind),
      status: id => {
        const sum = this.judgements.filter(({ fact }) => fact.id === id).reduce((n, { verdict }) => n + verdict.v, 0)
        return sum < 0 ? 'refuted' : sum > 0 ? 'verified' : 'proposed'
      },
      speaker: record => `amp://table/${record.by}`,
    }
  }

  #speechOf(by: string): Turn['say'] {
    const once = async (op: Op, same: (other: Op) => boolean) =>
      this.records.some(record => same(record.op)) ? undefined : this.say(by, op)
    const refuse = () => Promise.reject(new Error('not said by reviewers'))
    return {
      fact: fact =>
        once(
          { k: 'fact', ...fact },
          op =>
            op.k === 'fact' && op.s === fact.s && op.p === fact.p && JSON.stringify(op.o) === JSON.stringify(fact.o),
        ),
      propose: (content, options) =>
        once(
          { k: 'proposal', for: this.question.id, content, ...options },
          op => op.k === 'proposal' && op.content === content,
        ),
      buildOn: (parent, content, options) =>
        once(
          { k: 'build_on', parent, content, ...options },
          op => op.k === 'build_on' && op.content === content && op.parent === parent,
        ),
      concern: refuse,
      need: refuse,
      conflict: refuse,
      retract: refuse,
      share: refuse,
    }
  }
}

let tables = 0
