/** A client's part in spaces: those it watches, and what it says in them. */
import { question } from '@amp-mesh/context'
import { AmpError, type ClientRecord, GATEWAY_LIMITS, type Op, type Rec, type SpaceId } from '@amp-mesh/protocol'
import type { Invitation, Peer, Space } from '../contract.ts'
import { errorFor } from './gateway-error.ts'
import type { Guests } from './guests.ts'
import type { Line } from './line.ts'
import type { Session } from './session.ts'
import { shownRecord } from './shown.ts'
import { SpaceWatch } from './space-watch.ts'

export interface ParticipationInit {
  peer: Pick<Peer, 'space' | 'onInvitation'>
  session: Session
  line: Line
  guests: Guests
}

export class Participation {
  readonly #init: ParticipationInit
  readonly #watches = new Map<SpaceId, SpaceWatch>()
  /** In which spaces it spoke, and as which agents. */
  readonly #spoke = new Map<Space, Set<string>>()

  constructor(init: ParticipationInit) {
    this.#init = init
  }

  /** Spaces it watches. */
  get size(): number {
    return this.#watches.size
  }

  /**
   * All records of a space, or the question and the `last` ones, then those to come. It becomes the session's.
   * `entered`: before they are sent.
   */
  async join(id: SpaceId, re: string, entered: () => void, last?: number): Promise<void> {
    const space = await this.#space(id)
    const watch = this.#watch(space)
    this.#init.session.enter(id)
    entered()
    await this.#replay(watch, re, last)
  }

  /** The same for a question that was just asked here. */
  follow(id: SpaceId): void {
    const { peer, session, line } = this.#init
    const space = peer.space(id)
    if (space === undefined) return
    session.enter(id)
    this.#watch(space)
      .replay()
      .catch(error => line.tell(errorFor(error)))
  }

  leave(space: SpaceId): void {
    this.#watches.get(space)?.close()
    this.#watches.delete(space)
  }

  /** Sends the records of all spaces it watches once more. */
  async replay(re: string): Promise<void> {
    for (const watch of this.#watches.values()) await this.#replay(watch, re)
  }

  /** Writes a record of the client's. */
  async write(said: ClientRecord, re: string): Promise<void> {
    const { session, line } = this.#init
    const id = said.space
    if (id === undefined) throw new AmpError('unknown-space', 'name a space, or broadcast a question or join one first')
    const space = await this.#space(id)
    const { op, unresolved } = session.complete(said, space)
    const [record] = await space.replica.append([op])
    if (record === undefined) throw new AmpError('internal')
    session.wrote(re, record.id)
    session.enter(id)
    this.#spokeIn(space, record.op)
    line.tell({ type: 'said', re, record: record.id, space: id, ...(unresolved.length > 0 && { unresolved }) })
  }

  /** The client is gone for good: nobody waits for its guests. */
  end(): void {
    for (const watch of this.#watches.values()) watch.close()
    this.#watches.clear()
    for (const [space, agents] of this.#spoke) for (const agent of agents) this.#init.guests.rests(space, agent)
  }

  /** A space of this peer, or one whose question reached it. Rejects with `unknown-space`. */
  async #space(id: SpaceId): Promise<Space> {
    const { peer } = this.#init
    const space = peer.space(id) ?? (await invitationTo(peer, id)?.join())
    if (space === undefined) throw new AmpError('unknown-space', 'this peer does not carry that space')
    return space
  }

  #watch(space: Space): SpaceWatch {
    const known = this.#watches.get(space.id)
    if (known?.space === space) return known
    known?.close()
    if (this.#watches.size >= GATEWAY_LIMITS.spaces)
      throw new AmpError('busy', `a session watches at most ${GATEWAY_LIMITS.spaces} spaces; leave one`)
    const { line } = this.#init
    const tell = (record: Rec) => line.tell(shownRecord(record, space.id))
    const watch = new SpaceWatch(space, { tell, flow: () => line.flow() })
    this.#watches.set(space.id, watch)
    return watch
  }

  async #replay(watch: SpaceWatch, re: string, last?: number): Promise<void> {
    const { id, genesis, replica } = watch.space
    const records = await watch.replay(last)
    const asked = question(replica.records, genesis)?.id
    this.#init.line.tell({ type: 'joined', re, space: id, records, ...(asked !== undefined && { question: asked }) })
  }

  /** Whoever offers is waited for, until it says that it has nothing to add. */
  #spokeIn(space: Space, op: Op): void {
    const agent = 'agent' in op ? op.agent : undefined
    if (agent === undefined) return
    if (op.k === 'settle') return this.#init.guests.rests(space, agent)
    this.#init.guests.speaks(space, agent)
    const agents = this.#spoke.get(space) ?? new Set()
    this.#spoke.set(space, agents.add(agent))
  }
}

/** Of the questions that reached the peer, whether it takes part in them or not. */
function invitationTo(peer: Pick<Peer, 'onInvitation'>, space: SpaceId): Invitation | undefined {
  let found: Invitation | undefined
  const stop = peer.onInvitation(invitation => {
    if (invitation.space === space) found = invitation
  })
  stop()
  return found
}
