/**
 * Random histories of several authors, delivered in any order: replicas that got the same segments hold the same
 * records and compute the same views. Repeat one: SEED=<seed> TRIALS=1 npx vitest run
 * test/simulation/ledger-convergence.test.ts
 */
import {
  assignments,
  conclusion,
  conflicts,
  converged,
  coordinators,
  counter,
  discussions,
  facts,
  gaps,
  growSet,
  hypotheses,
  type Ledger,
  needs,
  offers,
  Records,
  register,
  relationships,
  solutions,
  status,
  threads,
  voteCheck,
} from '@amp-mesh/context'
import {
  fromBase64url,
  type Genesis,
  type Identity,
  logIdOf,
  type Op,
  type PublicKey,
  type RecordId,
  type SpaceId,
  toBase64url,
  utf8,
  voteHash,
} from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import { genesis, genesisBytes, identity, ledger, SeededRandom, segmentsOf, verifyOnce, write } from './space.ts'

const FIRST_SEED = Number(process.env.SEED ?? 5)
const TRIALS = Number(process.env.TRIALS ?? 15)

/** Four verifiers, three writers to be admitted, and a stranger whom nobody admits. */
const PEOPLE = [0, 1, 2, 3, 4, 5, 6, 7].map(identity)
const VERIFIERS = 4
const STRANGER = 7
const EVIL = [4, 3]

it(`[G2.views] equal segments, equal records and views (${TRIALS} histories)`, () => {
  const seen = {
    adopted: 0,
    acks: 0,
    forks: 0,
    doubleForks: 0,
    records: 0,
    opaque: 0,
    syntheses: 0,
    conflicts: 0,
    retracted: 0,
    final: 0,
  }
  for (let seed = FIRST_SEED; seed < FIRST_SEED + TRIALS; seed++) {
    const random = new SeededRandom(seed)
    const bytes = genesisBytes()
    const history = makeHistory(random, bytes)
    const replicas = Array.from({ length: 3 }, () => deliver(random, ledger(bytes), history))
    const reference = picture(replicas[0] as Replica)
    for (const replica of replicas.slice(1))
      expect(picture(replica), `diverged: SEED=${seed} TRIALS=1 npx vitest run ${FILE}`).toEqual(reference)
    const forked = (replicas[0] as Replica).held.heads().filter(head => head.fork !== undefined)
    seen.forks += forked.length
    const logs = [...(replicas[0] as Replica).held.logs()].filter(log => log.fork !== undefined)
    seen.adopted += logs.filter(log => log.length > (log.fork?.at ?? 0)).length
    seen.acks += (replicas[0] as Replica).records.history('ack').length
    seen.doubleForks += new Set(forked.map(head => head.pub)).size < forked.length ? 1 : 0
    seen.records += reference.records.length
    seen.opaque += reference.opaque
    seen.syntheses += reference.conclusion.synthesis === undefined ? 0 : 1
    seen.conflicts += reference.conflicts.length
    seen.retracted += reference.statuses.filter(each => each === 'retracted').length
    seen.final += reference.statuses.filter(each => each === 'final').length
  }
  // a run that did not reach these would prove nothing
  if (TRIALS >= 15) for (const count of Object.values(seen)) expect(count, JSON.stringify(seen)).toBeGreaterThan(0)
  if (process.env.TRIALS) console.info(seen)
})

const FILE = 'test/simulation/ledger-convergence.test.ts'

/** Segments, single and merged, of everything everybody wrote. */
function makeHistory(random: SeededRandom, bytes: Uint8Array): Uint8Array[] {
  let time = 0
  const now = () => 1_600_000_000_000 + time++
  const own = PEOPLE.map(person => ledger(bytes, person, now))
  const segments: Uint8Array[] = []
  const known: RecordId[] = []
  const say = (who: number, held: Ledger, epoch: number) => {
    const ops = Array.from({ length: 1 + random.below(3) }, () => randomOp(random, known, held.id))
    segments.push(write(held, PEOPLE[who] as Identity, ops, epoch))
    for (const record of held.takeChanges().records) if (random.below(3) > 0) known.push(record.id)
  }
  const admitted = PEOPLE.slice(VERIFIERS, STRANGER).map(({ publicKey }): Op => ({ k: 'admit', pub: publicKey }))
  segments.push(write(own[0] as Ledger, PEOPLE[0] as Identity, [{ k: 'broadcast', query: 'q' }, ...admitted]))
  known.push(...(own[0] as Ledger).takeChanges().records.map(record => record.id))
  for (let i = 0; i < 30; i++) {
    const who = random.below(PEOPLE.length)
    say(who, own[who] as Ledger, random.below(8) === 0 ? 1 : 0)
  }
  for (const evil of EVIL)
    for (const epoch of [0, 1, 2])
      if (random.below(3) === 0) {
        const alternatives = 1 + random.below(2)
        const told = [own[evil] as Ledger]
        for (let i = 0; i < alternatives; i++) told.push(fork(random, bytes, random.pick(told), evil, epoch, now, say))
        acknowledge(random, told, evil, epoch, (who, op) => {
          segments.push(write(own[who] as Ledger, PEOPLE[who] as Identity, [op]))
        })
      }
  for (let i = 0; i < 6; i++) {
    const held = random.pick(own)
    const log = random.pick([...held.logs(), undefined])
    if (log === undefined) continue
    const from = random.below(log.length)
    for (const { bytes } of segmentsOf(held, log, from, from + random.below(log.length - from))) segments.push(bytes)
  }
  return segments
}

/**
 * Verifiers tell how far they hold a log. Honest ones hold one of its histories; the last, which lies, any of them, and
 * what nobody has.
 */
function acknowledge(
  random: SeededRandom,
  told: readonly Ledger[],
  author: number,
  epoch: number,
  ack: (who: number, op: Op<'ack'>) => void,
): void {
  const id = logIdOf(told[0]?.id as string, fromBase64url(PEOPLE[author]?.publicKey as string), epoch)
  const favourite = random.pick(told)
  for (let who = 0; who < VERIFIERS; who++) {
    const lies = who === VERIFIERS - 1
    const history = (random.below(4) === 0 ? random.pick(told) : favourite).log(id)
    for (let times = random.below(lies ? 4 : 3); times > 0; times--) {
      const log = lies ? random.pick(told).log(id) : history
      if (log === undefined || log.trunk.end < 0) continue
      const seq = random.below(log.trunk.end + 1)
      const hash = toBase64url((log.trunk.hashAt(seq) as Uint8Array).subarray(0, 16))
      ack(who, { k: 'ack', heads: [[id, seq, lies && random.below(4) === 0 ? 'A'.repeat(22) : hash]] })
    }
  }
}

/** A second history of one log, from a random prefix of the first on. */
function fork(
  random: SeededRandom,
  bytes: Uint8Array,
  original: Ledger,
  who: number,
  epoch: number,
  now: () => number,
  say: (who: number, held: Ledger, epoch: number) => void,
): Ledger {
  const log = [...original.logs()].find(each => each.epoch === epoch && each.by === PEOPLE[who]?.publicKey)
  const other = ledger(bytes, PEOPLE[who], now)
  const shared = log === undefined ? 0 : random.below(log.length + 1)
  if (log !== undefined && shared > 0)
    for (const segment of segmentsOf(original, log, 0, shared - 1)) other.ingest(segment.bytes)
  other.takeChanges()
  const length = 1 + random.below(3)
  for (let i = 0; i < length; i++) say(who, other, epoch)
  return other
}

function randomOp(random: SeededRandom, known: readonly RecordId[], space: SpaceId): Op | Uint8Array {
  const target = random.below(8) === 0 ? 'x'.repeat(32) : (random.pick(known) ?? 'x'.repeat(32))
  const agent = random.pick(['a', 'b'])
  switch (random.below(18)) {
    case 0:
    case 1:
      return { k: 'fact', s: `s${random.below(3)}`, p: 'p', o: random.below(4), slot: `slot${random.below(2)}`, agent }
    case 2:
      return { k: 'fact', s: 's', p: 'p', o: random.below(1e6), sup: target, agent }
    case 3:
      return { k: 'retract', of: target }
    case 4:
    case 5:
      return { k: 'verify', of: target, v: random.pick([1, 1, -1, 0] as const) }
    case 6:
      return { k: 'capability_match', for: known[0] as RecordId, confidence: random.below(5) / 4, offer: 'o', agent }
    case 7:
      return { k: 'proposal', for: known[0] as RecordId, content: 'c', references: [target], agent }
    case 8:
      return { k: 'build_on', parent: target, content: 'c', agent }
    case 9:
      return { k: 'need', content: 'n', parent: target, agent }
    case 10:
      return { k: 'conflict', a: [target, random.pick(known)], agent }
    case 11:
      return {
        k: 'synthesis',
        for: known[0] as RecordId,
        content: 's',
        claims: [{ text: 't', references: [target] }],
        agent,
      }
    case 12:
    case 13:
      return knowledgeOp(random, target)
    case 14:
    case 15:
      return certificateOp(random, target, space)
    case 16:
      return utf8(random.pick(['{"k":"of a later version"}', '{"k":"fact","s":1}', '{"v":1,"b":[]}']))
    default:
      return random.pick([utf8('{ "k":"fact"}'), utf8('[]'), Uint8Array.of(1, 255), utf8('{"k":"x","__proto__":{}}')])
  }
}

function knowledgeOp(random: SeededRandom, target: RecordId): Op {
  const few = random.below(3)
  return random.pick<Op>([
    { k: 'hyp', text: `${few}`, about: [target] },
    { k: 'link', s: target, p: 'p', o: `${few}` },
    { k: 'thread', title: `${few}` },
    { k: 'msg', in: target, text: `${few}` },
    { k: 'solved', q: `${few}`, problem: 'p', result: few },
    { k: 'gap', q: `${few}`, text: 't', prio: few },
    { k: 'count', name: 'c', p: random.below(100), n: few },
    { k: 'reg', name: random.pick(['any/r', 'x']), v: random.below(100) },
    { k: 'assign', key: `${few}`, to: 'me' },
    { k: 'unassign', of: target },
  ])
}

/** A certificate of some verifiers: enough of them or not, each for one of two candidates of a slot. */
function certificateOp(random: SeededRandom, of: RecordId, space: SpaceId): Op {
  const slot = random.pick([of, 'slot0'])
  const hash = voteHash(space, { slot, ver: 0, of })
  const voters = random.shuffled(PEOPLE.slice(0, VERIFIERS)).slice(random.below(2))
  const sigs = voters.map((voter): [PublicKey, string] => [
    voter.publicKey,
    toBase64url(voter.sign(hash) as Uint8Array),
  ])
  return { k: 'cert', of, slot, ver: 0, e: 0, sigs }
}

interface Replica {
  readonly held: Ledger
  /** Grown change by change, as a running replica does. */
  readonly records: Records
}

/** Ingests everything in a random order, again and again until nothing changes, as repeated sync would. */
function deliver(random: SeededRandom, held: Ledger, segments: readonly Uint8Array[]): Replica {
  const order = random.shuffled(segments)
  const records = new Records(voteCheck(held.id, verifyOnce))
  for (let before = '', after = '-'; before !== after; ) {
    before = after
    for (const segment of order) {
      held.ingest(segment)
      const changes = held.takeChanges()
      if (changes.reset) records.reset(held.records())
      else if (changes.records.length > 0) records.add(changes.records)
      records.noteForks(held.forkedAuthors())
    }
    after = JSON.stringify(held.heads())
  }
  return { held, records }
}

/** Everything a reader of a replica can see. */
function picture({ held, records }: Replica) {
  const space: Genesis = genesis()
  const ids = [...records.all()].map(record => record.id).sort()
  const statuses = ids.map(id => status(records, space, id))
  const heads = held.heads().map(head => JSON.stringify(head))
  return { records: ids, opaque: records.opaque, logs: heads.sort(), statuses, ...views(records, space) }
}

const views = (records: Records, space: Genesis) => ({
  facts: facts(records, space),
  conflicts: conflicts(records, space),
  needs: needs(records, space),
  offers: offers(records),
  coordinators: coordinators(records, space),
  converged: converged(records, new Set()),
  conclusion: conclusion(records, space),
  threads: threads(records),
  hypotheses: hypotheses(records, space),
  relationships: relationships(records),
  discussions: discussions(records),
  solutions: [...solutions(records, space)].sort(),
  gaps: gaps(records, space),
  counter: counter(records, 'c').value,
  registers: ['any/r', 'x'].map(name => register(records, space, name)),
  assignments: assignments(records, 0),
  set: growSet(records, 's', 'p'),
  heads: records.heads(),
})
