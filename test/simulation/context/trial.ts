/** One random history of a space, from its seed alone: what happened, and what of the promises it broke. */
import { type Replica, verifiersOf } from '@amp-mesh/context'
import type { LogId, Op, PublicKey, Rec, RecordId } from '@amp-mesh/protocol'
import { genesisBytes, identity, SeededRandom } from '../space.ts'
import { chatter, QUOTA, randomOp, revocable } from './deeds.ts'
import { Liar } from './liar.ts'
import { deadOf, finalsIn, lastingOf, pictureOf } from './picture.ts'
import { type Member, World } from './world.ts'

export interface TrialInit {
  seed: number
  /** Verifiers that lie: 'tolerated', the default: as many as a quorum bears; 'one-more': too many. */
  liars?: 'tolerated' | 'one-more'
  /** How much happens; default 24. */
  deeds?: number
}

export interface Trial {
  readonly seed: number
  /** Empty: every promise was kept. */
  readonly violations: readonly string[]
  /** What happened, to see that the history was worth its time. */
  readonly seen: Readonly<Record<Sight, number>>
}

type Sight = 'records' | 'forks' | 'adopted' | 'crashes' | 'partitions' | 'relied' | 'erased' | 'pruned' | 'finals'

/** How long members have to agree once everything works again, ms. */
const PATIENCE_MS = 120_000
/** Two verifiers of each size stand for all: where f grows, and between. */
const SIZES = [4, 4, 4, 4, 5, 7]
const WRITERS = 2
/** Every so many deeds it is noted what honest members rely on: looking costs as much as many of them. */
const LOOKS = 3

export async function trial({ seed, liars = 'tolerated', deeds = 24 }: TrialInit): Promise<Trial> {
  const random = new SeededRandom(seed * 7_919)
  const size = random.pick(SIZES)
  const faulty = Math.floor((size - 1) / 3) + (liars === 'one-more' ? 1 : 0)
  const verifiers = Array.from({ length: size }, (_, n) => identity(n))
  const genesis = genesisBytes({ verifiers, limits: { quota: QUOTA } })
  const world = new World(genesis, seed)
  world.archive = random.below(4) === 0
  const run = new Run(world, random)
  for (let n = 0; n < faulty; n++) run.add(new Liar(world, genesis, identity(size - 1 - n), 2))
  run.add(new Liar(world, genesis, identity(size), 2 + random.below(2)))
  for (let n = 0; n < size - faulty; n++) await world.join(n)
  await world.join(size + WRITERS - 1)
  await run.begin()
  for (let n = 0; n < deeds; n++) await run.deed()
  await run.heal()
  return { seed, violations: run.violations(), seen: await run.seen() }
}

class Run {
  #deeds = 0
  #crashes = 0
  #partitions = 0
  readonly #world: World
  readonly #random: SeededRandom
  readonly #liars: Liar[] = []
  /** The records that some honest member saw a quorum rely on, and who said them. */
  readonly #relied = new Map<RecordId, PublicKey>()
  /** What of them a member held when it was last looked at. */
  readonly #almost = new WeakMap<Replica, ReadonlySet<RecordId>>()
  /** Records, and who said them, that were erased: they need not stay. */
  readonly #passing = new Set<string>()
  readonly #erased = new Set<RecordId>()
  readonly #known = new Map<LogId, Map<RecordId, Rec>>()
  /** Decisions that were final to some honest member. */
  readonly #final = new Set<string>()

  constructor(world: World, random: SeededRandom) {
    this.#world = world
    this.#random = random
  }

  add(liar: Liar): void {
    this.#liars.push(liar)
    for (const each of this.#liars) each.allies = this.#liars.filter(other => other !== each)
    this.#world.strangers.push(liar)
  }

  async begin(): Promise<void> {
    this.#say(this.#world.members[0] as Member, true)
    await this.#world.clock.advance(500)
    this.#world.faults = {
      lost: this.#random.pick([0, 0.05, 0.3]),
      repeated: this.#random.pick([0, 0.2]),
      late: this.#random.pick([0, 0.2]),
    }
  }

  async deed(): Promise<void> {
    const { members, clock } = this.#world
    const chance = this.#random.below(23)
    if (chance < 9) this.#say(this.#random.pick(members))
    else if (chance < 11) this.#decide()
    else if (chance < 12) this.#chatter()
    else if (chance < 17) this.#random.pick(this.#liars).act()
    else if (chance < 19) this.#part()
    else if (chance < 21) await this.#crash()
    else await this.#conspire()
    await clock.advance(this.#random.below(1_600))
    if (this.#deeds++ % LOOKS === 0) this.#look()
  }

  /** Everything works again, and liars fall silent: members have to agree before long. */
  async heal(): Promise<void> {
    const world = this.#world
    world.faults = { lost: 0, repeated: 0, late: 0 }
    for (const liar of this.#liars) liar.muted = this.#random.below(2) === 0
    world.partition(() => 0)
    for (let waited = 0; waited < PATIENCE_MS; waited += 3_000) {
      await world.clock.advance(3_000)
      this.#look()
      if (waited >= 9_000 && this.#areAlike()) break
    }
  }

  async seen(): Promise<Trial['seen']> {
    const [first] = this.#world.members
    const forked = (first?.replica.logs() ?? []).filter(({ fork }) => fork !== undefined)
    let pruned = 0
    for await (const [key] of first?.disk.range('', '\uffff') ?? []) if (key.endsWith('/segment')) pruned++
    return {
      records: first?.replica.records.size ?? 0,
      forks: forked.length,
      adopted: forked.filter(({ length, fork = 0 }) => length > fork).length,
      crashes: this.#crashes,
      partitions: this.#partitions,
      relied: this.#relied.size,
      erased: this.#erased.size,
      pruned,
      finals: this.#final.size,
    }
  }

  violations(): string[] {
    const found: string[] = []
    const pictures = this.#world.members.map(({ replica }) => pictureOf(replica))
    for (const [view, shown] of pictures[0] ?? [])
      if (pictures.some(picture => picture.get(view) !== shown)) found.push(`members differ in ${view}`)
    for (const { replica, identity: reader } of this.#world.members) {
      const who = reader.publicKey.slice(0, 6)
      const replaced = this.#replaced(replica)
      const lacks = (id: RecordId, by: PublicKey) =>
        !replica.records.has(id) && !this.#passing.has(`${id} ${by}`) && !replaced.has(id)
      for (const { acknowledged, identity: author } of this.#world.members)
        for (const id of acknowledged)
          if (lacks(id, author.publicKey))
            found.push(`${who} lacks ${id} that ${author.publicKey.slice(0, 6)} was told is kept`)
      for (const [id, by] of this.#relied) if (lacks(id, by)) found.push(`${who} lacks ${id} that a quorum relied on`)
      const finals = finalsIn(replica.records, replica.genesis)
      for (const decision of this.#final)
        if (!finals.includes(decision)) found.push(`${decision} was final and is not for ${who}`)
      for (const { by, fork } of replica.logs())
        if (fork !== undefined && this.#world.members.some(({ identity: { publicKey } }) => publicKey === by))
          found.push(`${by.slice(0, 6)} is honest and its log forked`)
    }
    return found
  }

  #say(member: Member, isQuestion = false): void {
    const known = [...member.replica.records.all()]
    const own = revocable(known.filter(({ by }) => by === member.identity.publicKey))
    const some = known.slice(-30).map(({ id }) => id)
    this.#append(member, [isQuestion ? { k: 'broadcast', query: 'q' } : randomOp(this.#random, some, own)])
  }

  /** Somebody says so much that a checkpoint is due. */
  #chatter(): void {
    const { members } = this.#world
    const writers = members.filter(({ replica, identity: { publicKey } }) =>
      replica.genesis.verifiers.every(({ pub }) => pub !== publicKey),
    )
    const member = this.#random.pick(this.#random.below(3) === 0 ? members : writers)
    if (member !== undefined) this.#append(member, chatter(this.#random))
  }

  /** Most verifiers support the same, with their votes; liars vote for whatever they like. */
  #decide(): void {
    const { members } = this.#world
    const records = [...((members[0] as Member).replica.records.all() ?? [])].slice(-12)
    const candidates = records.filter(({ op }) => op.k === 'fact' || op.k === 'synthesis' || op.k === 'proposal')
    const of = this.#random.pick(candidates)?.id
    for (const liar of this.#liars) if (this.#random.below(2) === 0) liar.vote()
    if (of === undefined) return
    for (const member of members)
      if (this.#random.below(20) > 0) this.#append(member, [{ k: 'verify', of, v: 1, agent: 'a' }])
  }

  #append(member: Member, ops: readonly Op[]): void {
    member.replica.append(ops).then(
      records => {
        this.#note(records)
        for (const { id } of records) member.acknowledged.add(id)
      },
      () => {},
    )
  }

  /** Two or three sides, or all together again. */
  #part(sides = this.#random.pick([1, 2, 2, 2, 3])): void {
    this.#partitions++
    this.#world.partition(() => this.#random.below(sides))
  }

  /** Two sides, each told another history of the liars and given time to acknowledge it, the liars doing so too. */
  async #conspire(): Promise<void> {
    this.#part(2)
    for (const liar of this.#liars) liar.speak()
    await this.#world.clock.advance(2_000)
    for (const liar of this.#liars) liar.acknowledge()
    await this.#world.clock.advance(5_000)
  }

  async #crash(): Promise<void> {
    if (this.#world.members.length < 3) return
    this.#crashes++
    const member = this.#random.pick(this.#world.members)
    if (this.#random.below(2) === 0) this.#say(member)
    await this.#world.clock.advance(this.#random.below(20))
    await this.#world.crash(member, this.#random.below(3_000))
  }

  /** What somebody honest may rely on from here on. */
  #look(): void {
    for (const { replica } of this.#world.members) {
      for (const { by, op } of replica.records.history('retract')) if (op.erase === true) this.#noteErased(op.of, by)
      this.#note([...replica.records.all()])
      for (const decision of finalsIn(replica.records, replica.genesis)) this.#final.add(decision)
      const finals = new Map(replica.logs().map(({ id, final }) => [id, final]))
      const held = [...replica.records.all()].filter(({ log, seq }) => seq <= (finals.get(log) ?? -1))
      // logs are ahead of records by a write: what is held twice was not just about to be cut
      const before = this.#almost.get(replica)
      for (const { id, by } of held) if (before?.has(id)) this.#relied.set(id, by)
      this.#almost.set(replica, new Set(held.map(({ id }) => id)))
    }
  }

  /** Records that somebody honest holds, or was told to be kept. */
  #note(records: readonly Rec[]): void {
    for (const record of records)
      this.#known.set(record.log, (this.#known.get(record.log) ?? new Map()).set(record.id, record))
  }

  /** Of what was said in logs that are whole: what was replaced, and may have been let go of at a checkpoint. */
  #replaced(replica: Replica): Set<RecordId> {
    const verifiers = verifiersOf(replica.genesis)
    const whole = replica.logs().filter(({ by, fork }) => fork === undefined && !verifiers.has(by))
    return new Set(whole.flatMap(({ id }) => deadOf([...(this.#known.get(id)?.values() ?? [])]).map(dead => dead.id)))
  }

  /** Once erased it may be gone from everybody who knew it, whatever becomes of the word. Only its author's counts. */
  #noteErased(id: RecordId, by: PublicKey): void {
    this.#passing.add(`${id} ${by}`)
    this.#erased.add(id)
  }

  #areAlike(): boolean {
    const ids = this.#world.members.map(({ replica }) =>
      JSON.stringify([...lastingOf(replica).all()].map(({ id }) => id).sort()),
    )
    return new Set(ids).size === 1
  }
}
