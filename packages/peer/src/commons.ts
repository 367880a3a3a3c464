/** The commons on one peer: what its questions came to is kept there, and its next question looks there first. */
import { type TrackRecord, trackRecords } from '@amp-mesh/context'
import {
  type AgentId,
  type Cancel,
  type Clock,
  isKind,
  type Kind,
  type Logger,
  type Op,
  type PublicKey,
  publicKeyOf,
  questionKey,
  type Rec,
  readSolution,
  type SpaceId,
} from '@amp-mesh/protocol'
import { commonsDuties } from './commons-duties.ts'
import type { LiveSpace } from './live-space.ts'
import { knownGap, type Memory, type Remembered, remembered } from './remembered.ts'

export interface CommonsInit {
  space: LiveSpace
  /** The spaces of questions that this peer carries. */
  spaces(): readonly LiveSpace[]
  self: PublicKey
  clock: Clock
  logger: Logger
}

/** What is new in a space is looked at together after this long, ms; again after that, while a synthesis ripens. */
const LOOK_MS = 100
const LOOK_AGAIN_MS = 2_100
/** Kinds after which a question's space may owe the commons something. */
const TELLING: ReadonlySet<Kind> = new Set<Kind>(['synthesis', 'settle', 'verify', 'retract', 'gap', 'need'])

export class Commons {
  readonly space: LiveSpace
  readonly #init: CommonsInit
  readonly #looks = new Map<SpaceId, Cancel>()
  /** Spaces whose duties are being written: what is not stored yet would be written twice. */
  readonly #writing = new Set<SpaceId>()
  readonly #stopListening: Cancel
  #closed = false

  constructor(init: CommonsInit) {
    this.#init = init
    this.space = init.space
    this.#stopListening = this.space.replica.subscribe(news => this.#heardInCommons(news))
    for (const { id } of init.spaces()) this.#lookSoon(id)
  }

  /** A trusted answer to this question, found before. */
  answerTo(question: Op<'broadcast'>): Remembered | undefined {
    const q = questionKey(question)
    return q === undefined ? undefined : remembered(q, this.#memory())
  }

  /** Somebody asked the same, and nobody could help. */
  gapOf(question: Op<'broadcast'>): Rec<'gap'> | undefined {
    const q = questionKey(question)
    return q === undefined ? undefined : knownGap(q, this.#memory())
  }

  /** What agents are to this peer by experience. */
  trackRecords(): Map<AgentId, TrackRecord> {
    const { records, genesis, self } = this.#memory()
    const spaces = this.#init.spaces().map(({ id, genesis, replica }) => ({ id, genesis, records: replica.records }))
    return trackRecords({ spaces, self, commons: { records, genesis } })
  }

  /** Records came into the space of a question. */
  heard(space: SpaceId, record: Rec): void {
    if (space !== this.space.id && TELLING.has(record.op.k)) this.#lookSoon(space)
  }

  /** Looks once more where something is new, and ends; what that yields the space writes when it is closed. */
  close(): void {
    this.#closed = true
    this.#stopListening()
    for (const cancel of this.#looks.values()) cancel()
    const pending = [...this.#looks.keys()].flatMap(id => this.#carried(id) ?? [])
    for (const space of pending) if (!this.#writing.has(space.id)) void this.#look(space)
  }

  #memory(): Memory {
    const { replica, genesis } = this.space
    const { self, clock } = this.#init
    return {
      records: replica.records,
      genesis,
      self,
      now: clock.now(),
      space: id => {
        const space = this.#carried(id)
        return space && { id, genesis: space.genesis, records: space.replica.records }
      },
    }
  }

  #carried(id: SpaceId): LiveSpace | undefined {
    return this.#init.spaces().find(space => space.id === id)
  }

  #heardInCommons(news: readonly Rec[]): void {
    for (const record of news) {
      const found = isKind(record, 'solved') ? readSolution(record.op.result) : undefined
      if (found !== undefined) this.#lookSoon(found.space)
    }
  }

  #lookSoon(id: SpaceId, ms = LOOK_MS): void {
    if (this.#closed || this.#looks.has(id)) return
    const cancel = this.#init.clock.after(ms, () => {
      this.#looks.delete(id)
      const space = this.#carried(id)
      if (space !== undefined && !this.#writing.has(id)) void this.#look(space)
    })
    this.#looks.set(id, cancel)
  }

  async #look(space: LiveSpace): Promise<void> {
    const { self, clock } = this.#init
    const { ops, ripensLater } = commonsDuties({
      commons: { records: this.space.replica.records, genesis: this.space.genesis },
      space: { id: space.id, genesis: space.genesis, records: space.replica.records },
      self,
      suspected: new Set([...space.suspected()].map(publicKeyOf)),
      now: clock.now(),
    })
    if (ripensLater) this.#lookSoon(space.id, LOOK_AGAIN_MS)
    if (ops.length === 0) return
    this.#writing.add(space.id)
    const written = await this.#write(ops)
    this.#writing.delete(space.id)
    if (written) this.#lookSoon(space.id) // at what came in meanwhile
  }

  async #write(ops: readonly Op[]): Promise<boolean> {
    try {
      await this.space.replica.append(ops)
      return true
    } catch (error) {
      if (!this.#closed) this.#init.logger.debug('the commons took nothing', { error: String(error) })
      return false
    }
  }
}
