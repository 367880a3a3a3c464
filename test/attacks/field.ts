/**
 * A space both victims are in: verifiers are they, carol (honest, her records come from the harness) and mallory. It
 * tells what an attack changed.
 */
import { randomBytes } from 'node:crypto'
import {
  encodeGenesis,
  type Genesis,
  type Identity,
  type Message,
  type Op,
  type RecordId,
  SPACE_LIMITS,
  type SpaceId,
  type SpaceLimits,
  type Status,
  spaceIdOf,
  toBase64url,
} from '@amp-mesh/protocol'
import { until } from '../until.ts'
import type { Arena } from './arena.ts'
import { Author } from './author.ts'
import type { Wire } from './intruder.ts'
import { breach, type Outcome, stopped } from './outcome.ts'
import type { Picture, ShownRecord } from './picture.ts'
import type { Victim } from './victim.ts'

export interface FieldInit {
  limits?: Partial<SpaceLimits>
  /** False: only the four verifiers write. */
  open?: boolean
  domains?: number
  /** Others who write in a closed space. */
  writers?: Identity[]
  /** Above 1 ms it stays open until then. */
  budgetMs?: number
  /** Verifiers beside the victims, carol and mallory. */
  verifiers?: Identity[]
}

export interface Expected {
  /** Records of the attacker's own that the attack may add, readable ones; default none. */
  own?: number
  /** Such that others remove again, by a proof. */
  passing?: number
  /** Honest records that come in its course. */
  honest?: readonly RecordId[]
  /** And such that no view reads. */
  opaque?: number
  /** Statuses that are others after it. */
  statuses?: Readonly<Record<RecordId, Status>>
  /** Records of the attacker's that it may change itself. */
  changes?: readonly RecordId[]
  /** Records of the attacker's that it may undo by its own fork. */
  gone?: readonly RecordId[]
  /** What else must hold in the end, or what is wrong. */
  also?(pictures: readonly Picture[]): string | undefined
}

/** What honest verifiers write by themselves, now and then. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['ack', 'cert', 'verify'])
/** What victims need to show that they go on, ms. */
const ALIVE_MS = 10_000

export class Field {
  readonly arena: Arena
  readonly space: SpaceId
  readonly genesis: Genesis
  readonly carol: Author
  readonly mallory: Author
  /** Carol's question and her fact: the sky is blue. */
  readonly question: RecordId
  readonly blue: RecordId
  readonly #sinceDoors = new Map<Victim, number>()
  #wires: readonly Wire[] = []

  static async open(arena: Arena, init: FieldInit): Promise<Field> {
    const genesis = genesisOf(arena, init)
    const genesisBytes = encodeGenesis(genesis)
    const space = spaceIdOf(genesisBytes)
    const carol = new Author(space, arena.carol.identity)
    const { segment, ids } = carol.write({ k: 'broadcast', query: 'what colour is the sky?' }, fact('blue'))
    const field = new Field(arena, space, genesis, carol, ids as [RecordId, RecordId])
    const invitation = { type: 'broadcast', id: space, time: Date.now(), space, genesis: genesisBytes } as const
    await field.#enter({ ...invitation, question: segment })
    return field
  }

  private constructor(arena: Arena, space: SpaceId, genesis: Genesis, carol: Author, ids: [RecordId, RecordId]) {
    this.arena = arena
    this.space = space
    this.genesis = genesis
    this.carol = carol
    this.mallory = new Author(space, arena.mallory.identity)
    ;[this.question, this.blue] = ids
  }

  /** Mallory's streams: to anna, to bert. */
  get wires(): readonly [Wire, Wire] {
    return this.#wires as [Wire, Wire]
  }

  /** Sends segments to both victims. */
  push(...segments: Uint8Array[]): void {
    for (const wire of this.wires) wire.push(this.space, ...segments)
  }

  /** Somebody's log in this space. */
  author(identity: Identity, epoch = 0): Author {
    return new Author(this.space, identity, epoch)
  }

  /** Carol brings her records to both victims. */
  async bring(...segments: Uint8Array[]): Promise<void> {
    for (const victim of this.arena.victims) (await this.arena.carol.wire(victim)).push(this.space, ...segments)
  }

  /** Waits until both victims have dealt with what mallory sent, or hung up. */
  async settled(): Promise<void> {
    await Promise.all(this.wires.map(wire => wire.settled()))
  }

  /** Mallory opens streams again where victims hung up. */
  async reconnect(): Promise<void> {
    this.#wires = await Promise.all(this.arena.victims.map(victim => this.arena.mallory.wire(victim)))
  }

  /** Waits until records are at both victims. */
  async arrived(...records: RecordId[]): Promise<void> {
    for (const victim of this.arena.victims)
      for (const id of records)
        await until(`an honest record at ${victim.name}`, () => victim.has(this.space, id), this.#patience)
  }

  pictures(): Promise<Picture[]> {
    return Promise.all(this.arena.victims.map(victim => victim.picture(this.space)))
  }

  /**
   * Makes the attack and looks what it changed: what was there before must be as it was, nothing may have come that is
   * not expected, and honest records must still arrive, alike on both sides.
   */
  async withstands(attack: () => void | Promise<void>, expected: Expected = {}): Promise<Outcome> {
    try {
      const before = await this.pictures()
      await attack()
      await this.settled()
      const soon = { ...expected, own: (expected.own ?? 0) + (expected.passing ?? 0) }
      const wrongSoon = this.#damage(before, await this.pictures(), soon, expected.honest)
      if (wrongSoon !== undefined) return breach(wrongSoon)
      const honest = [...(await this.#honestRecordsArrive()), ...(expected.honest ?? [])]
      const after = await this.#agreement(expected)
      const wrong = this.#damage(before, after, expected, honest) ?? expected.also?.(after)
      return wrong === undefined ? stopped(await this.#seen(expected)) : breach(wrong)
    } catch (error) {
      return breach(error instanceof Error ? error.message : String(error))
    }
  }

  /** The same for doors that are to stay shut: `knock` tells which one let it in, if any did. */
  async staysShut(knock: (field: this) => Promise<string | undefined>): Promise<Outcome> {
    let entered: string | undefined
    const outcome = await this.withstands(async () => {
      entered = await knock(this)
    })
    return entered === undefined ? outcome : breach(`came in ${entered}`)
  }

  /** The distinct verdicts and refusals of this space since it began, as the victims' ledgers and doors gave them. */
  async #seen({ own = 0, opaque = 0 }: Expected): Promise<string> {
    const heard = await Promise.all(
      this.arena.victims.map(async victim => {
        const { space, doors } = await victim.heard(this.space)
        return [...space, ...doors.slice(this.#sinceDoors.get(victim) ?? 0)]
      }),
    )
    const refusals = this.#wires.flatMap(wire => wire.heard('error')).filter(({ re }) => re === undefined)
    const codes = new Set([...heard.flat(), ...refusals.map(({ code }) => code)])
    const telling = [...codes].filter(code => code !== 'added' && code !== 'duplicate')
    if (telling.length > 0) return telling.join(', ')
    if (own + opaque > 0) return "added as the attacker's own word, which changes nobody else's"
    return codes.has('duplicate') ? 'duplicate' : 'nothing came of it'
  }

  async #enter(invitation: Message<'broadcast'>): Promise<void> {
    await this.reconnect()
    for (const wire of this.wires) wire.forget()
    for (const victim of this.arena.victims) {
      this.#sinceDoors.set(victim, (await victim.heard(this.space)).doors.length)
      for (const member of [this.arena.carol, this.arena.mallory]) {
        const wire = await member.wire(victim)
        if (member === this.arena.carol) wire.post('amp', invitation)
        wire.post('sync', { type: 'heads', space: this.space, heads: [], full: true })
      }
    }
    for (const victim of this.arena.victims)
      await until(
        `${victim.name} joins`,
        async () => (await victim.isIn(this.space)) && victim.has(this.space, this.blue),
      )
  }

  /** What both victims show once they show the same, if they ever do with all that must hold. */
  async #agreement({ also }: Expected): Promise<Picture[]> {
    let pictures: Picture[] = []
    const same = (isWell: () => boolean) =>
      until(
        'anna and bert show the same',
        async () => {
          pictures = await this.pictures()
          return JSON.stringify(pictures[0]) === JSON.stringify(pictures[1]) && isWell()
        },
        this.#patience,
      )
    await same(() => also?.(pictures) === undefined).catch(() => same(() => true))
    return pictures
  }

  get #patience(): number {
    return this.arena.guarded ? ALIVE_MS : ALIVE_MS / 5
  }

  /** One of anna's at bert, one of bert's at anna, one of carol's at both. */
  async #honestRecordsArrive(): Promise<readonly RecordId[]> {
    const { anna, bert } = this.arena
    const { segment, ids } = this.carol.write(fact('carol goes on'))
    await this.bring(segment)
    const honest = [
      ...ids,
      ...(await anna.append(this.space, fact('anna goes on'))),
      ...(await bert.append(this.space, fact('bert goes on'))),
    ]
    await this.arrived(...honest)
    return honest
  }

  /** What the victims show now that they must not, as text. `honest`: records that came after the attack. */
  #damage(
    before: readonly Picture[],
    after: readonly Picture[],
    { own = 0, opaque = 0, statuses = {}, changes = [], gone = [] }: Expected,
    honest: readonly RecordId[] = [],
  ): string | undefined {
    for (const [i, was] of before.entries()) {
      const is = after[i] as Picture
      for (const [id, record] of Object.entries(was.records)) {
        if (changes.includes(id)) continue
        const now = is.records[id]
        if (now === undefined && gone.includes(id)) continue
        if (now === undefined) return `a record of ${this.#nameOf(record.by)} is gone`
        const change = changeOf({ ...record, status: statuses[id] ?? record.status }, now)
        if (change !== undefined) return change
      }
      for (const [id, shown] of Object.entries(was.document))
        if (is.document[id] !== shown && ![...changes, ...gone].includes(id))
          return 'the Yjs document shows another record'
      const added = Object.entries(is.records).filter(
        ([id, record]) => was.records[id] === undefined && !honest.includes(id) && !this.#isBookkeeping(record),
      )
      if (added.length > own)
        return `taken: ${added.map(([, { by, op }]) => `${this.#nameOf(by)}'s ${op.k}`).slice(0, 3)}`
      if (is.opaque - was.opaque > opaque) return `${is.opaque - was.opaque} records no view reads were taken`
      if (JSON.stringify(is.views) !== JSON.stringify(was.views)) return 'a view changed'
    }
    return undefined
  }

  #isBookkeeping({ by, op }: ShownRecord): boolean {
    return BOOKKEEPING.has(op.k) && this.arena.victims.some(({ publicKey }) => publicKey === by)
  }

  #nameOf(by: string): string {
    const { anna, bert, carol } = this.arena
    const names = [
      [anna.publicKey, 'anna'],
      [bert.publicKey, 'bert'],
      [carol.identity.publicKey, 'carol'],
      [this.mallory.identity.publicKey, 'mallory'],
    ]
    return names.find(([key]) => key === by)?.[1] ?? 'a stranger'
  }
}

export const fact = (o: string): Op<'fact'> => ({ k: 'fact', s: 'sky', p: 'colour', o })

function changeOf(was: ShownRecord, is: ShownRecord): string | undefined {
  if (JSON.stringify(was.op) !== JSON.stringify(is.op))
    return `a record reads ${JSON.stringify(is.op).slice(0, 60)} now`
  if (was.standing !== is.standing) return `a record is ${is.standing} now`
  return was.status === is.status ? undefined : `a record's status is ${is.status} now, not ${was.status}`
}

function genesisOf(arena: Arena, { limits, open, domains, writers, budgetMs = 1, verifiers = [] }: FieldInit): Genesis {
  const keys = [arena.anna, arena.bert, arena.carol.identity, arena.mallory.identity, ...verifiers]
  return {
    v: 1,
    mesh: arena.mesh,
    name: 'arena',
    founder: arena.carol.identity.publicKey,
    verifiers: keys.map(({ publicKey }, n) => ({ pub: publicKey, operator: `operator-${n}`, model: 'none' })),
    open: open ?? true,
    ...(writers && { writers: writers.map(({ publicKey }) => publicKey) }),
    policy: { domains: domains ?? 1 },
    // it ends at once, so that victims make room for the next
    budget: { ms: budgetMs },
    offerWindowMs: 1_000,
    limits: { ...SPACE_LIMITS, ...limits },
    salt: toBase64url(randomBytes(16)),
  }
}
