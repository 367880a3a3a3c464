/** One random history of a space, from its seed alone: what happened, and what of the promises it broke. */
import type { LogId, RecordId } from '@amp-mesh/protocol'
import { genesisBytes, identity, SeededRandom } from '../space.ts'
import { randomOp } from './deeds.ts'
import { Liar } from './liar.ts'
import { pictureOf } from './picture.ts'
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
  readonly seen: Readonly<Record<'records' | 'forks' | 'adopted' | 'crashes' | 'partitions' | 'relied', number>>
}

/** How long members have to agree once everything works again, ms. */
const PATIENCE_MS = 120_000
/** Two verifiers of each size stand for all: where f grows, and between. */
const SIZES = [4, 4, 4, 4, 5, 7]
const WRITERS = 2

export async function trial({ seed, liars = 'tolerated', deeds = 24 }: TrialInit): Promise<Trial> {
  const random = new SeededRandom(seed * 7_919)
  const size = random.pick(SIZES)
  const faulty = Math.floor((size - 1) / 3) + (liars === 'one-more' ? 1 : 0)
  const verifiers = Array.from({ length: size }, (_, n) => identity(n))
  const genesis = genesisBytes({ verifiers })
  const world = new World(genesis, seed)
  const run = new Run(world, random)
  for (let n = 0; n < faulty; n++) run.add(new Liar(world, genesis, identity(size - 1 - n), 2))
  run.add(new Liar(world, genesis, identity(size), 2 + random.below(2)))
  for (let n = 0; n < size - faulty; n++) await world.join(n)
  await world.join(size + WRITERS - 1)
  await run.begin()
  for (let n = 0; n < deeds; n++) await run.deed()
  await run.heal()
  return { seed, violations: run.violations(), seen: run.seen }
}

class Run {
  readonly seen = { records: 0, forks: 0, adopted: 0, crashes: 0, partitions: 0, relied: 0 }
  readonly #world: World
  readonly #random: SeededRandom
  readonly #liars: Liar[] = []
  /** By log: the records that some honest member saw a quorum rely on. */
  readonly #relied = new Map<LogId, Set<RecordId>>()

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
    const chance = this.#random.below(20)
    if (chance < 9) this.#say(this.#random.pick(members))
    else if (chance < 16) this.#random.pick(this.#liars).act()
    else if (chance < 18) this.#part()
    else if (chance < 19) await this.#crash()
    else await this.#conspire()
    await clock.advance(this.#random.below(1_600))
    this.#noteRelied()
  }

  /** Everything works again, and liars fall silent: members have to agree before long. */
  async heal(): Promise<void> {
    const world = this.#world
    world.faults = { lost: 0, repeated: 0, late: 0 }
    for (const liar of this.#liars) liar.muted = this.#random.below(2) === 0
    world.partition(() => 0)
    for (let waited = 0; waited < PATIENCE_MS; waited += 3_000) {
      await world.clock.advance(3_000)
      if (waited >= 9_000 && this.#areAlike()) break
    }
    this.#noteRelied()
    const [first] = world.members
    this.seen.records = first?.replica.records.size ?? 0
    for (const log of first?.replica.logs() ?? []) {
      if (log.fork === undefined) continue
      this.seen.forks++
      if (log.length > log.fork) this.seen.adopted++
    }
    for (const ids of this.#relied.values()) this.seen.relied += ids.size
  }

  violations(): string[] {
    const found: string[] = []
    const pictures = this.#world.members.map(({ replica }) => pictureOf(replica))
    for (const [view, shown] of pictures[0] ?? [])
      if (pictures.some(picture => picture.get(view) !== shown)) found.push(`members differ in ${view}`)
    for (const { replica, identity: reader } of this.#world.members) {
      const who = reader.publicKey.slice(0, 6)
      for (const { acknowledged, identity: author } of this.#world.members)
        for (const id of acknowledged)
          if (!replica.records.has(id))
            found.push(`${who} lacks ${id} that ${author.publicKey.slice(0, 6)} was told is kept`)
      for (const ids of this.#relied.values())
        for (const id of ids) if (!replica.records.has(id)) found.push(`${who} lacks ${id} that a quorum relied on`)
      for (const { by, fork } of replica.logs())
        if (fork !== undefined && this.#world.members.some(({ identity: { publicKey } }) => publicKey === by))
          found.push(`${by.slice(0, 6)} is honest and its log forked`)
    }
    return found
  }

  #say(member: Member, isQuestion = false): void {
    const known = [...member.replica.records.all()].slice(-30).map(({ id }) => id)
    const op = isQuestion ? ({ k: 'broadcast', query: 'q' } as const) : randomOp(this.#random, known)
    member.replica.append([op]).then(
      records => {
        for (const { id } of records) member.acknowledged.add(id)
      },
      () => {},
    )
  }

  /** Two or three sides, or all together again. */
  #part(sides = this.#random.pick([1, 2, 2, 2, 3])): void {
    this.seen.partitions++
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
    this.seen.crashes++
    const member = this.#random.pick(this.#world.members)
    if (this.#random.below(2) === 0) this.#say(member)
    await this.#world.clock.advance(this.#random.below(20))
    await this.#world.crash(member, this.#random.below(3_000))
  }

  #noteRelied(): void {
    for (const { replica } of this.#world.members)
      for (const { id, final } of replica.logs()) {
        const relied = this.#relied.get(id) ?? new Set<RecordId>()
        this.#relied.set(id, relied)
        if (final < 0) continue
        for (const record of replica.records.all()) if (record.log === id && record.seq <= final) relied.add(record.id)
      }
  }

  #areAlike(): boolean {
    const ids = this.#world.members.map(({ replica }) =>
      JSON.stringify([...replica.records.all()].map(({ id }) => id).sort()),
    )
    return new Set(ids).size === 1
  }
}
