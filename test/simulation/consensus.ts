/**
 * Verifiers that decide together on real ledgers, some of them faulty: they vote twice, tell two halves different
 * things, withhold, publish certificates and fork below them. Votes and certificates of the honest are the clerk's.
 */
import { type Decision, elections, type Ledger, Records, status, voteCheck } from '@amp-mesh/context'
import { type Identity, type Op, type PublicKey, type Rec, toBase64url, voteHash } from '@amp-mesh/protocol'
import { quorumOf } from '../../packages/context/src/quorum.ts'
import { Timers } from '../../packages/context/src/timers.ts'
import { Clerk } from '../../packages/context/src/verifier/clerk.ts'
import { candidacies, ownSlot } from '../../packages/context/src/views/candidacies.ts'
import { type genesis, genesisBytes, identity, ledger, type SeededRandom, verifyOnce, write } from './space.ts'

/** What one trial showed. */
export interface Trial {
  /** Broken guarantees of CONTEXT.md §12, S1 to S4, in words. */
  readonly violations: readonly string[]
  readonly slots: number
  readonly decided: number
  readonly stuck: number
  readonly forks: number
  /** Decisions in a version after the first. */
  readonly later: number
}

const STEPS = 100
const STEP_MS = 100
/** Between these steps a wall runs through the verifiers. */
const WALL = [20, 70] as const
const SLOTS = ['A', 'B', 'C']

/** `n` verifiers, the first `faulty` of them liars; then a heal, in which every segment reaches everybody honest. */
export async function decideTogether(random: SeededRandom, n: number, faulty: number): Promise<Trial> {
  const hall = new Hall(random, n, faulty)
  for (let step = 0; step < STEPS; step++) await hall.step(step)
  await hall.heal()
  return hall.result()
}

interface Sent {
  readonly from: number
  readonly to: number
  readonly segment: Uint8Array
}

class Hall {
  readonly #random: SeededRandom
  readonly #honest: Voter[]
  readonly #liars: Liar[]
  readonly #n: number
  readonly #violations = new Set<string>()
  readonly #everSent = new Set<Uint8Array>()
  #way: Sent[] = []
  #wall: boolean[] = []
  /** By slot and version: what was certified for anybody honest, ever. */
  readonly #certified = new Map<string, string>()

  constructor(random: SeededRandom, n: number, faulty: number) {
    this.#random = random
    this.#n = n
    const verifiers = Array.from({ length: n }, (_, i) => identity(i))
    const bytes = genesisBytes({ verifiers })
    this.#liars = verifiers.slice(0, faulty).map(who => new Liar(random, bytes, who))
    this.#honest = verifiers.slice(faulty).map(who => new Voter(random, bytes, who))
  }

  async step(step: number): Promise<void> {
    if (step === WALL[0]) this.#wall = Array.from({ length: this.#n }, () => this.#random.below(2) === 0)
    if (step === WALL[1]) this.#wall = []
    for (const [i, voter] of this.#honest.entries())
      for (const segment of await voter.step(step)) {
        this.#everSent.add(segment) // its author passes it on until everybody has it
        this.#send(this.#liars.length + i, segment)
      }
    const all = this.#honest.flatMap(voter => voter.candidates())
    for (const [i, liar] of this.#liars.entries())
      for (const { segment, to } of liar.step(all, this.#honest))
        this.#send(i, segment, to === undefined ? undefined : target => target % 2 === to)
    this.#deliver()
    if (step % 3 === 0) for (const voter of this.#honest) this.#check(voter)
  }

  /** What reached anybody honest reaches them all, and what they say about it too. */
  async heal(): Promise<void> {
    this.#way = []
    for (let before = '', after = '-'; before !== after; ) {
      before = after
      for (const voter of this.#honest) for (const segment of this.#everSent) voter.take(segment)
      for (const voter of this.#honest) for (const segment of await voter.step()) this.#everSent.add(segment)
      after = JSON.stringify(this.#honest.map(voter => voter.picture()))
    }
    for (const voter of this.#honest) this.#check(voter)
    const pictures = new Set(this.#honest.map(voter => JSON.stringify(voter.picture())))
    if (pictures.size > 1) this.#violations.add('S4 equal records, other views')
  }

  result(): Trial {
    const [one] = this.#honest as [Voter, ...Voter[]]
    const all = elections(one.records, one.genesis)
    const final = [...all.certified()].filter(decision => all.isFinal(decision))
    const decided = new Set(final.map(({ slot }) => slot))
    const slots = new Set(one.candidates().flatMap(record => candidacies(one.records, record).map(each => each.slot)))
    return {
      violations: [...this.#violations],
      slots: slots.size,
      decided: decided.size,
      stuck: [...slots].filter(slot => !decided.has(slot) && all.isStuck(slot, 0)).length,
      forks: one.held.heads().filter(({ fork }) => fork !== undefined).length,
      later: final.filter(({ ver }) => ver > 0).length,
    }
  }

  #send(from: number, segment: Uint8Array, reaches: (to: number) => boolean = () => true): void {
    for (let to = this.#liars.length; to < this.#n; to++)
      if (to !== from && reaches(to)) this.#way.push({ from, to, segment })
  }

  /** In any order; what meets the wall waits, or is lost, and whoever misses an entry gets it again later. */
  #deliver(): void {
    const waiting: Sent[] = []
    for (const sent of this.#random.shuffled(this.#way)) {
      const isWalled = this.#wall.length > 0 && this.#wall[sent.from] !== this.#wall[sent.to]
      if (isWalled || this.#random.below(3) === 0) {
        if (!isWalled || this.#random.below(4) > 0) waiting.push(sent)
        continue
      }
      this.#everSent.add(sent.segment)
      if (this.#honest[sent.to - this.#liars.length]?.take(sent.segment) === 'gap') waiting.push(sent)
    }
    this.#way = waiting
  }

  #check(voter: Voter): void {
    const { records, genesis: space } = voter
    const all = elections(records, space)
    for (const { slot, ver, of } of all.certified()) {
      const version = JSON.stringify([slot, ver])
      const known = this.#certified.get(version) ?? of
      this.#certified.set(version, known)
      if (known !== of) this.#violations.add(`S1 two certified in ${version}`)
      const honest = [...(all.votes(slot, ver).get(of)?.keys() ?? [])].filter(pub => this.#isHonest(pub))
      if (honest.length < quorumOf(space).most - quorumOf(space).faulty)
        this.#violations.add('S3 certified by too few honest voters')
    }
    for (const decision of voter.finals) {
      if (!all.isFinal(decision)) this.#violations.add(`S2 final no more: ${decision.slot} ${decision.ver}`)
      const winner = all.winner(decision.slot)
      if (winner === undefined || winner.ver < decision.ver) this.#violations.add('S2 a final winner was lost')
    }
    for (const decision of all.certified()) if (all.isFinal(decision)) voter.finals.add(decision)
    for (const record of voter.candidates())
      if (status(records, space, record.id) === 'verified' && !this.#honest.some(each => each.said.has(record.id)))
        this.#violations.add('S3 verified by liars alone')
  }

  #isHonest(pub: PublicKey): boolean {
    return this.#honest.some(({ by }) => by === pub)
  }
}

/** An honest verifier: it likes what leads, sometimes changes its mind, and leaves votes to its clerk. */
class Voter {
  readonly records: Records
  readonly genesis: ReturnType<typeof genesis>
  readonly held: Ledger
  readonly finals = new Set<Decision>()
  /** What it ever supported. */
  readonly said = new Set<string>()
  readonly #random: SeededRandom
  readonly #who: Identity
  readonly #clerk: Clerk
  #timers: (() => void)[] = []
  #outbox: Op[] = []
  #now = 1_600_000_000_000

  constructor(random: SeededRandom, bytes: Uint8Array, who: Identity) {
    this.#random = random
    this.#who = who
    this.held = ledger(bytes, who, () => this.#now)
    this.genesis = this.held.genesis
    this.records = new Records(voteCheck(this.held.id, verifyOnce))
    const clock = { now: () => this.#now, after: (_: number, action: () => void) => this.#later(action) }
    this.#clerk = new Clerk({
      ledger: this.held,
      records: this.records,
      identity: who,
      ownLogs: [],
      conversation: { heard: () => Number.POSITIVE_INFINITY, isAsking: () => false },
      clock,
      timers: new Timers(clock),
      write: op => this.#outbox.push(op),
    })
  }

  get by(): PublicKey {
    return this.#who.publicKey
  }

  /** Says what it has to say; without a step number only what its clerk has to. */
  async step(step?: number): Promise<Uint8Array[]> {
    this.#now += STEP_MS
    this.#clerk.lookSoon()
    for (const action of this.#timers.splice(0)) action()
    const own = step === undefined ? [] : this.#opinions(step)
    this.#outbox.push(...(await this.#clerk.voting(own)))
    for (let i = 0; i < 8; i++) await undefined // the clerk signs
    const ops = this.#outbox.splice(0)
    for (const op of ops) if (op.k === 'verify' && op.v === 1) this.said.add(op.of)
    const written = ops.map(op => write(this.held, this.#who, [op]))
    this.#index()
    return written
  }

  take(segment: Uint8Array): string {
    const { outcome } = this.held.ingest(segment)
    this.#index()
    return outcome
  }

  /** What may be voted for. */
  candidates(): Rec[] {
    return [...this.records.of('fact'), ...this.records.of('synthesis')]
  }

  /** Everything that must be equal where records are. */
  picture() {
    const all = elections(this.records, this.genesis)
    const ids = [...this.records.all()].map(({ id }) => id).sort()
    const winners = [...SLOTS, ...ids].flatMap(slot => all.winner(slot) ?? [])
    return { ids, statuses: ids.map(id => status(this.records, this.genesis, id)), winners }
  }

  #opinions(step: number): Op[] {
    const { pick, below } = { pick: this.#random.pick.bind(this.#random), below: this.#random.below.bind(this.#random) }
    if (step < 60 && below(25) === 0) return [this.#statement(step)]
    if (below(3) > 0) return []
    const candidates = this.candidates().filter(({ id }) => !this.#hasJudged(id) || below(60) === 0)
    if (candidates.length === 0) return []
    const record = pick(candidates)
    const likes = below(4) === 0 ? below(2) === 0 : this.#leads(record)
    return [{ k: 'verify', of: record.id, v: likes ? 1 : -1 }]
  }

  #statement(step: number): Op {
    const facts = this.records.of('fact')
    const asked = this.records.of('broadcast')[0]?.id
    if (asked === undefined) return { k: 'broadcast', query: 'q' }
    const fact = { k: 'fact', s: 's', p: 'p', o: this.#random.below(1e6) } as const
    const pair = [this.#random.pick([...facts, undefined])?.id, this.#random.pick([...facts, undefined])?.id]
    const a = pair.filter(id => id !== undefined)
    switch (this.#random.below(5)) {
      case 0:
        return { k: 'synthesis', for: asked, content: `${step}`, claims: [] }
      case 1:
        return a.length === 2 && a[0] !== a[1] ? { k: 'conflict', a } : fact
      default:
        return { ...fact, slot: this.#random.pick(SLOTS), ver: this.#random.pick([0, 0, 0, 1]) }
    }
  }

  #hasJudged(id: string): boolean {
    return this.records.referencing(id).some(({ by, op }) => by === this.by && op.k === 'verify')
  }

  /** Nobody of its slot has more votes here. */
  #leads(record: Rec): boolean {
    const all = elections(this.records, this.genesis)
    const [{ slot, ver = 0 } = { slot: record.id }] = candidacies(this.records, record)
    const most = Math.max(0, ...[...all.votes(slot, ver).values()].map(({ size }) => size))
    return (all.votes(slot, ver).get(record.id)?.size ?? 0) >= most
  }

  #later(action: () => void): () => void {
    this.#timers.push(action)
    return () => {}
  }

  #index(): void {
    const changes = this.held.takeChanges()
    if (changes.reset) this.records.reset(this.held.records())
    else this.records.add(changes.records)
    this.records.noteForks(this.held.forkedAuthors())
  }
}

/** A verifier with two faces: each writes a history of its own, and shows it to one half or to all. */
class Liar {
  readonly #random: SeededRandom
  readonly #who: Identity
  readonly #faces: readonly Ledger[]
  #now = 1_600_000_000_000

  constructor(random: SeededRandom, bytes: Uint8Array, who: Identity) {
    this.#random = random
    this.#who = who
    this.#faces = [0, 1].map(() => ledger(bytes, who, () => this.#now))
  }

  /** `to`: which half hears it. */
  step(candidates: readonly Rec[], voters: readonly Voter[]): { segment: Uint8Array; to: number | undefined }[] {
    this.#now += STEP_MS
    if (candidates.length === 0 || this.#random.below(4) > 0) return []
    const one = this.#random.pick(candidates)
    const rivals = candidates.filter(each => slotOf(each) === slotOf(one) && each.id !== one.id)
    const other = this.#random.pick(rivals.length > 0 ? rivals : candidates)
    const certificate = this.#certificate(voters)
    switch (this.#random.below(4)) {
      case 0: // a fork: two votes at one place of one log
        return [this.#say(0, 0, 0, this.#vote(one)), this.#say(1, 0, 1, this.#vote(other))]
      case 1: // two votes in two logs, each half hears one
        return [this.#say(0, 2, 0, this.#vote(one)), this.#say(0, 3, 1, this.#vote(other))]
      case 2: // a certificate that a fork may take away again
        return certificate === undefined
          ? []
          : [this.#say(this.#random.below(2), 1, this.#random.below(2), certificate)]
      default:
        return [this.#say(0, 4, undefined, this.#vote(one))]
    }
  }

  #certificate(voters: readonly Voter[]): Op | undefined {
    const { records, genesis: space } = this.#random.pick(voters)
    const all = elections(records, space)
    const certified = [...all.certified()]
    return certified.length === 0 ? undefined : all.certificate(this.#random.pick(certified))
  }

  #vote(record: Rec): Op {
    const ver = record.op.k === 'fact' ? (record.op.ver ?? 0) : this.#random.below(2)
    const vote = { slot: slotOf(record), ver, of: record.id }
    const signature = this.#who.sign(voteHash(this.#faces[0]?.id ?? '', vote)) as Uint8Array
    return { k: 'verify', v: 1, e: 0, ...vote, vs: toBase64url(signature) }
  }

  #say(face: number, epoch: number, to: number | undefined, op: Op): { segment: Uint8Array; to: number | undefined } {
    return { segment: write(this.#faces[face] as Ledger, this.#who, [op], epoch), to }
  }
}

const slotOf = (record: Rec): string => ownSlot(record).slot
