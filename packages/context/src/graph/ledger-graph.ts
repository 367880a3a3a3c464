/** The knowledge graph over a space's ledger: what agents say to it becomes records, what they ask comes from views. */
import {
  AmpError,
  type Clock,
  type Embedder,
  type FactInput,
  type Genesis,
  GRAPH_LIMITS,
  type Graph,
  isKind,
  type Json,
  type Kind,
  type Known,
  type Near,
  type Op,
  type Pattern,
  type PublicKey,
  problemKey,
  type Rec,
  type Recalled,
  type RecordId,
  type Replaceable,
  type Status,
} from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import type { Replica } from '../replica.ts'
import { assignments } from '../views/assignments.ts'
import { counter } from '../views/counter.ts'
import { speakerId } from '../views/offers.ts'
import { register } from '../views/register.ts'
import { status } from '../views/status.ts'
import { GraphIndex } from './graph-index.ts'
import { neighbourhood } from './neighbourhood.ts'
import { withProvenance } from './provenance.ts'

export interface LedgerGraphInit {
  genesis: Genesis
  /** What is read, and told of as it grows. */
  replica: Pick<Replica, 'records' | 'subscribe'>
  /** Where what is said goes, e.g. the replica's own `append`. */
  append(ops: readonly Op[]): Promise<Rec[]>
  /** Whose peer this is: own records can be replaced and taken back. */
  self: PublicKey
  embedder: Embedder
  clock: Clock
}

export class LedgerGraph implements Graph {
  readonly #init: LedgerGraphInit
  readonly #index: GraphIndex
  readonly #agent: string | undefined

  constructor(init: LedgerGraphInit, agent?: string, index: GraphIndex = new GraphIndex(init)) {
    this.#init = init
    this.#agent = agent
    this.#index = index
  }

  /** The same graph as an agent of this peer uses it: what it says carries its name, and goes through `append`. */
  spokenBy(agent: string, append: LedgerGraphInit['append'] = this.#init.append): LedgerGraph {
    return new LedgerGraph({ ...this.#init, append }, agent, this.#index)
  }

  // ---- what is said ------------------------------------------------------------------------------------------------

  propose({ s, p, o, ...more }: FactInput): Promise<Rec<'fact'>> {
    return this.#say({ k: 'fact', s, p, o, ...given(more) })
  }

  suppose(text: string, options: { about?: RecordId[]; conf?: number } = {}): Promise<Rec<'hyp'>> {
    return this.#say({ k: 'hyp', text, ...given(options) })
  }

  async verify(of: RecordId, v: 1 | -1 | 0, why?: string, ev?: string[]): Promise<Rec<'verify'>> {
    this.#known(of)
    return this.#say({ k: 'verify', of, v, ...given({ why, ev }) })
  }

  async supersede<R extends Replaceable>(id: RecordId, op: R): Promise<Rec<R['k']>> {
    const old = this.#own(id)
    if (old.op.k !== op.k) throw new AmpError('bad-input', `a ${old.op.k} is replaced by a ${old.op.k}, not a ${op.k}`)
    return this.#say({ ...op, sup: id })
  }

  async retract(of: RecordId, options: { erase?: true } = {}): Promise<Rec<'retract'>> {
    this.#own(of)
    return this.#say({ k: 'retract', of, ...given(options) })
  }

  link(s: string, p: string, o: string): Promise<Rec<'link'>> {
    return this.#say({ k: 'link', s, p, o })
  }

  async conflict(a: RecordId[], why?: string): Promise<Rec<'conflict'>> {
    for (const id of a) this.#known(id)
    return this.#say({ k: 'conflict', a, ...given({ why }) })
  }

  thread(title: string, about?: RecordId[]): Promise<Rec<'thread'>> {
    return this.#say({ k: 'thread', title, ...given({ about }) })
  }

  async say(thread: RecordId, text: string, re?: RecordId): Promise<Rec<'msg'>> {
    this.#known(thread)
    return this.#say({ k: 'msg', in: thread, text, ...given({ re }) })
  }

  solved(
    problem: string,
    result: Json,
    { context, ev }: { context?: Json; ev?: RecordId[] } = {},
  ): Promise<Rec<'solved'>> {
    return this.#say({ k: 'solved', q: problemKey(problem, context), problem, result, ...given({ ev }) })
  }

  gap(
    text: string,
    { context, about, prio }: { context?: Json; about?: RecordId[]; prio?: number } = {},
  ): Promise<Rec<'gap'>> {
    return this.#say({ k: 'gap', q: problemKey(text, context), text, ...given({ about, prio }) })
  }

  /** One after the other: each states totals that the next one adds to. */
  count(name: string, by: number): Promise<number> {
    return this.#index.inTurn(async () => {
      const own = counter(this.#records, name).totals.get(this.#init.self)?.op ?? { p: 0, n: 0 }
      await this.#say({ k: 'count', name, p: own.p + Math.max(0, by), n: own.n + Math.max(0, -by) })
      return counter(this.#records, name).value
    })
  }

  set(name: string, v: Json): Promise<Rec<'reg'>> {
    return this.#say({ k: 'reg', name, v })
  }

  take(key: string, until?: number): Promise<Rec<'assign'>> {
    const to = speakerId({ author: this.#init.self, agent: this.#agent ?? '' })
    return this.#say({ k: 'assign', key, to, ...given({ until }) })
  }

  release(key: string): Promise<Rec<'unassign'>[]> {
    const own = this.#entries(key).filter(({ by }) => by === this.#init.self)
    return Promise.all(own.map(({ id }) => this.#say({ k: 'unassign', of: id })))
  }

  // ---- what is asked -----------------------------------------------------------------------------------------------

  async status(id: RecordId): Promise<Status> {
    return this.#status(id)
  }

  async get(id: RecordId): Promise<Known | undefined> {
    const record = this.#records.get(id)
    return record && this.#told(record)
  }

  async counter(name: string): Promise<number> {
    return counter(this.#records, name).value
  }

  async register(name: string): Promise<Known<'reg'> | undefined> {
    const { record } = register(this.#records, this.#init.genesis, name)
    return record && this.#told(record)
  }

  async holders(key: string): Promise<string[]> {
    return this.#entries(key).map(({ op }) => op.to)
  }

  async lookup(problem: string, context?: Json): Promise<Known<'solved'> | undefined> {
    const solutions = this.#index.patterns
      .withKey(problemKey(problem, context))
      .filter(record => isKind(record, 'solved'))
      .filter(({ id }) => this.#records.isLive(id))
      .map(record => this.#told(record))
      .filter(({ status }) => status !== 'refuted' && status !== 'superseded')
    const rank = ({ status }: Known) => ['verified', 'final'].indexOf(status)
    return solutions.sort((a, b) => rank(b) - rank(a) || b.at - a.at || (a.record.id < b.record.id ? -1 : 1))[0]
  }

  async query(pattern: Pattern): Promise<Known[]> {
    const wanted = pattern.status === undefined ? undefined : new Set([pattern.status].flat())
    const fits = ({ id }: Rec) =>
      wanted === undefined ? this.#records.isLive(id) : this.#records.has(id) && wanted.has(this.#status(id))
    return this.#index.patterns.find(pattern, fits).map(record => this.#told(record))
  }

  async around(start: RecordId | string, hops = 1): Promise<Near[]> {
    const within = Math.min(Math.max(0, hops), GRAPH_LIMITS.hops)
    return neighbourhood(this.#records, this.#index.patterns, start, within).map(near => ({
      ...this.#told(near.record),
      hops: near.hops,
    }))
  }

  async recall(text: string, k = 8, signal?: AbortSignal): Promise<Recalled[]> {
    const size = Math.min(Math.max(0, k), GRAPH_LIMITS.recalled)
    const hits = await this.#index.nearest(text, size, id => this.#records.isLive(id), signal)
    return hits.flatMap(({ id, similarity }) => {
      const record = this.#records.get(id)
      return record === undefined ? [] : [{ ...this.#told(record), similarity }]
    })
  }

  #entries(key: string): readonly Rec<'assign'>[] {
    const now = this.#init.clock.now()
    return assignments(this.#records, now).find(each => each.key === key)?.entries ?? []
  }

  get #records(): Records {
    return this.#init.replica.records
  }

  #told<K extends Kind>(record: Rec<K>): Known<K> {
    return withProvenance(this.#records, this.#init.genesis, record)
  }

  #status(id: RecordId): Status {
    return status(this.#records, this.#init.genesis, id)
  }

  #known(id: RecordId): Rec {
    const record = this.#records.get(id)
    if (record === undefined) throw new AmpError('no-such-record', `there is no record ${id} in this space`)
    return record
  }

  #own(id: RecordId): Rec {
    const record = this.#known(id)
    if (record.by !== this.#init.self)
      throw new AmpError('not-allowed', 'a record can be replaced or taken back by its author only; verify it with -1')
    return record
  }

  async #say<O extends Op>(op: O): Promise<Rec<O['k']>> {
    const speaker = this.#agent !== undefined && SIGNED.has(op.k) ? { agent: this.#agent } : {}
    const [record] = await this.#init.append([{ ...op, ...speaker }])
    if (record === undefined) throw new AmpError('internal', 'the ledger stored nothing')
    return record as Rec<O['k']>
  }
}

/** Kinds that name the agent who speaks; the others are the peer's own. */
const SIGNED: ReadonlySet<Kind> = new Set<Kind>([
  'fact',
  'hyp',
  'verify',
  'link',
  'conflict',
  'thread',
  'msg',
  'solved',
  'gap',
])

/** Only the fields that are given: a record has no empty ones. */
function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
