/**
 * The Yjs document of a space: equal record sets, equal visible documents, in any order of arrival, forks and lost
 * admissions included, and in a client that merges the documents of several peers. Repeat one:
 * SEED=<seed> TRIALS=1 npx vitest run test/simulation/projection.test.ts
 */
import { Ledger, Records } from '@amp-mesh/context'
import { GraphDocument, rootOf, visibleHash } from '@amp-mesh/context/projection'
import { type Identity, type Op, type Rec, type RecordId, utf8 } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { EPOCH_MS, genesisBytes, identity, SeededRandom, segmentsOf, verifyOnce, write } from './space.ts'

const FIRST_SEED = Number(process.env.SEED ?? 1)
const TRIALS = Number(process.env.TRIALS ?? 200)

/** Four verifiers and two writers, whom the first verifier admits; two of all are willing to fork. */
const PEOPLE = [0, 1, 2, 3, 4, 5].map(identity)
const EVIL = [3, 4]

it(`[G2.projection] equal records, equal visible documents (${TRIALS} histories)`, () => {
  const seen = { forks: 0, ownClients: 0, gaps: 0, hidden: 0, records: 0 }
  for (let seed = FIRST_SEED; seed < FIRST_SEED + TRIALS; seed++) {
    const random = new SeededRandom(seed)
    const bytes = genesisBytes()
    const history = makeHistory(random, bytes)
    const clientOf = random.below(4) === 0 ? colliding : undefined
    const replicas = Array.from({ length: 3 }, () => new ProjectedReplica(ledger(bytes), random, clientOf))
    const client = new Y.Doc()
    for (const replica of replicas.slice(0, 2)) replica.attach(client, random.below(2) === 0)
    for (const replica of replicas) replica.deliver(history)
    for (const replica of replicas.slice(0, 2)) replica.attach(client, true)

    const expected = visibleHash(plainDocument((replicas[0] as ProjectedReplica).records))
    const replay = `SEED=${seed} TRIALS=1 npx vitest run test/simulation/projection.test.ts`
    for (const { graph } of replicas) expect(visibleHash(graph.doc), replay).toBe(expected)
    expect(visibleHash(client), `a client of two peers: ${replay}`).toBe(expected)
    for (const { graph } of replicas) expect(graph.doc.store.pendingStructs, replay).toBeNull()
    for (const { held, records, graph } of replicas) {
      seen.forks += held.heads().filter(head => head.fork !== undefined).length
      seen.records += records.size
      seen.hidden += [...records.all()].filter(({ id }) => !records.isLive(id)).length
      for (const [number, structs] of graph.doc.store.clients) {
        seen.ownClients += number >= 2 ** 52 ? 1 : 0
        seen.gaps += structs.filter(struct => struct instanceof Y.GC).length
      }
    }
  }
  // a run that did not reach these would prove nothing
  if (TRIALS >= 200) for (const count of Object.values(seen)) expect(count, JSON.stringify(seen)).toBeGreaterThan(100)
  if (process.env.TRIALS) console.info(seen)
})

/** Logs that share client ids, as one in 2^52 pairs would by chance. */
const colliding = (log: string) => 7 + (log.charCodeAt(0) % 2)

const ledger = (genesis: Uint8Array, self?: Identity, now = () => EPOCH_MS) =>
  new Ledger({ genesis, verify: verifyOnce, now, ...(self && { self: self.publicKey }) })

/** A document of the live records, made without any of the code under test but its names of roots. */
function plainDocument(records: Records): Y.Doc {
  const doc = new Y.Doc()
  for (const { op, id, by, time } of records.all())
    if (records.isLive(id)) doc.getMap(rootOf(op.k)).set(id, { ...op, id, by, at: time })
  return doc
}

/** A ledger, the records grown from it change by change, and the document that follows them. */
class ProjectedReplica {
  readonly held: Ledger
  readonly records = new Records()
  readonly #random: SeededRandom
  readonly #clientOf: ((log: string) => number) | undefined
  readonly #listeners = new Set<(news: readonly Rec[]) => void>()
  #graph: GraphDocument | undefined

  constructor(held: Ledger, random: SeededRandom, clientOf?: (log: string) => number) {
    this.held = held
    this.#random = random
    this.#clientOf = clientOf
  }

  /** Built when somebody first looks. */
  get graph(): GraphDocument {
    const init = this.#clientOf === undefined ? {} : { clientOf: this.#clientOf }
    this.#graph ??= new GraphDocument(this, init)
    return this.#graph
  }

  subscribe(listener: (news: readonly Rec[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What a y-websocket client of this replica gets: all there is, then every update. */
  attach(client: Y.Doc, now: boolean): void {
    if (!now) return
    Y.applyUpdate(client, Y.encodeStateAsUpdate(this.graph.doc, Y.encodeStateVector(client)))
    this.graph.doc.on('update', update => Y.applyUpdate(client, update))
  }

  /** Everything, in a random order, again and again until nothing changes, as repeated sync would. */
  deliver(history: readonly Uint8Array[]): void {
    for (let before = '', after = '-'; before !== after; ) {
      before = after
      for (const segment of this.#random.shuffled(history)) {
        this.held.ingest(segment)
        this.#index()
        if (this.#random.below(40) === 0) void this.graph
      }
      after = JSON.stringify(this.held.heads())
    }
  }

  /** As a replica does: resets are told with what is new in them. */
  #index(): void {
    const { records: fresh, reset } = this.held.takeChanges()
    const before = new Set([...this.records.all()].map(({ id }) => id))
    if (reset) this.records.reset(this.held.records())
    else if (fresh.length > 0) this.records.add(fresh)
    const news = [...this.records.all()].filter(({ id }) => !before.has(id))
    if (reset || news.length > 0) for (const listener of this.#listeners) listener(news)
  }
}

/** Segments of everything everybody wrote, second histories of the evil ones included. */
function makeHistory(random: SeededRandom, bytes: Uint8Array): Uint8Array[] {
  let time = 0
  const now = () => 1_600_000_000_000 + time++
  const own = PEOPLE.map(person => ledger(bytes, person, now))
  const segments: Uint8Array[] = []
  const known: RecordId[] = []
  const say = (who: number, held: Ledger, epoch: number) => {
    const ops = Array.from({ length: 1 + random.below(3) }, () => randomOp(random, known))
    segments.push(write(held, PEOPLE[who] as Identity, ops, epoch))
    known.push(...held.takeChanges().records.map(record => record.id))
  }
  const admit = (who: number): Op => ({ k: 'admit', pub: (PEOPLE[who] as Identity).publicKey })
  segments.push(write(own[0] as Ledger, PEOPLE[0] as Identity, [{ k: 'broadcast', query: 'q' }, admit(4), admit(5)]))
  for (let i = 0; i < 16; i++) {
    const who = random.below(PEOPLE.length)
    say(who, own[who] as Ledger, random.below(6) === 0 ? 1 : 0)
  }
  // the fork of a verifier may take back an admission, and so a whole log
  if (random.below(3) === 0) segments.push(write(own[3] as Ledger, PEOPLE[3] as Identity, [admit(5)]))
  for (const who of EVIL)
    if (random.below(2) === 0) {
      const log = [...(own[who] as Ledger).logs()].find(({ by, epoch }) => epoch === 0 && by === PEOPLE[who]?.publicKey)
      const other = ledger(bytes, PEOPLE[who], now)
      const kept = log === undefined ? 0 : random.below(log.length)
      if (log !== undefined && kept > 0)
        for (const segment of segmentsOf(own[who] as Ledger, log, 0, kept - 1)) other.ingest(segment.bytes)
      other.takeChanges()
      for (let i = 0; i < 1 + random.below(3); i++) say(who, other, 0)
    }
  return segments
}

function randomOp(random: SeededRandom, known: readonly RecordId[]): Op | Uint8Array {
  const target = random.pick(known) ?? 'x'.repeat(32)
  switch (random.below(9)) {
    case 0:
    case 1:
      return { k: 'fact', s: 's', p: 'p', o: random.below(1e6) }
    case 2:
      return { k: 'fact', s: 's', p: 'p', o: { deep: [1, null, 'ü', -0.5] }, sup: target }
    case 3:
      return { k: 'retract', of: target }
    case 4:
      return { k: 'verify', of: target, v: random.pick([1, -1] as const) }
    case 5:
      return { k: 'proposal', for: target, content: 'c' }
    case 6:
      return { k: 'reg', name: 'r', v: random.below(5) }
    case 7:
      return utf8('{"k":"of a later version"}')
    default:
      return utf8(random.pick(['[]', '{ "k":"fact"}', '{"k":"x","__proto__":{}}']))
  }
}
