/** The page's life with its peer: starts it, looks whenever something happened, and says what the person says. */
import { Records, restingOp } from '@amp-mesh/context'
import type { AskOptions, Invitation, Peer, Space } from '@amp-mesh/peer'
import {
  AGENT_LIMITS,
  AmpError,
  type Cancel,
  type Clock,
  flawOfOp,
  type Op,
  type Rec,
  type SpaceId,
  sleep,
} from '@amp-mesh/protocol'
import type { Persona } from '../model/page-state.ts'
import { personsOf } from '../model/person.ts'
import { listed, type SpaceSummary, summaryOf } from '../model/space-summary.ts'
import { type SpaceSource, spaceView } from '../model/space-view.ts'
import type { Actions } from './actions.ts'
import type { Archive } from './archive.ts'
import type { Memory } from './memory.ts'
import { Searching } from './searching.ts'
import type { Store } from './store.ts'
import { type Act, opOf } from './words.ts'

export interface SessionInit {
  store: Store
  clock: Clock
  memory: Pick<Memory, 'persona' | 'chosen'>
  /** Starts the peer of this tab; called again, later, when it fails. */
  start(signal: AbortSignal): Promise<Peer>
  /** What the serving peer keeps, when the person has its token. */
  archive?: Archive
  signal: AbortSignal
}

/** Changes are looked at together, ms: a segment brings many records, and people read slower than this. */
const LOOK_MS = 80
/** Looks without a change: time passes, round trips change. */
const IDLE_LOOK_MS = 2_000
/** Between two tries to start the peer, and to read the archive, ms. */
const RETRY_MS = { first: 1_000, most: 15_000 }
/** Invitations shown; the oldest go. */
const MOST_INVITATIONS = 64

export class Session implements Actions {
  readonly #init: SessionInit
  readonly #invitations = new Map<SpaceId, Invitation>()
  readonly #searching: Searching
  /** Spaces in which the person has nothing more to add. */
  readonly #resting = new Set<SpaceId>()
  #kept: SpaceSummary[] = []
  #openedKept: SpaceSource[] = []
  #peer: Peer | undefined
  #nextLook: Cancel | undefined

  constructor(init: SessionInit) {
    this.#init = init
    const { store, memory } = init
    this.#searching = new Searching(store)
    store.tell({ type: 'named', persona: memory.persona })
    if (memory.chosen !== undefined) store.tell({ type: 'chosen', space: memory.chosen })
  }

  /** Ends when the signal aborts. */
  async run(): Promise<void> {
    const { signal, store } = this.#init
    void this.#readArchive()
    for (let wait = RETRY_MS.first; !signal.aborted; wait = Math.min(wait * 2, RETRY_MS.most)) {
      try {
        const peer = await this.#init.start(signal)
        wait = RETRY_MS.first / 2 // it did start
        await this.#live(peer)
      } catch (error) {
        if (!signal.aborted) store.tell({ type: 'failed', why: messageOf(error) })
      }
      await sleep(this.#init.clock, wait, signal).catch(() => {})
    }
  }

  // ---- what a person does -------------------------------------------------------------------------------------------

  /** Opens a question: one of this tab, one it is invited to, which joins it, or one that the serving peer keeps. */
  async choose(space: SpaceId | undefined): Promise<void> {
    this.#init.memory.chosen = space
    this.#init.store.tell({ type: 'chosen', space })
    this.#look()
    await this.#trying(async () => {
      if (space === undefined) return
      if (this.#invitations.has(space)) await this.#joined(space)
      else await this.#openKept(space)
      this.#look()
    })
  }

  ask(query: string, options: AskOptions): Promise<void> {
    return this.#trying(async () => {
      // the page shows a question's space, and what commons answers was asked in one that need not be here
      const asking = this.#running().ask(query, { ...options, fresh: true })
      this.#init.store.tell({ type: 'asking', query })
      asking.answer.then(
        () => this.#lookSoon(),
        error => this.#init.store.tell({ type: 'problem', what: messageOf(error) }),
      )
      await this.choose(await asking.space)
    })
  }

  /** Takes one's own question back. */
  cancel(space: SpaceId): Promise<void> {
    return this.#trying(async () => {
      const { open } = this.#init.store.state
      if (open?.id !== space || open.question === undefined) return
      await this.#write(await this.#joined(space), { k: 'cancel', for: open.question })
    })
  }

  /** Names the agent the person is, and tells the mesh; undefined: they only watch and ask. */
  name(persona: Persona | undefined): Promise<void> {
    return this.#trying(async () => {
      this.#init.memory.persona = persona
      this.#init.store.tell({ type: 'named', persona })
      await this.#announce()
    })
  }

  act(space: SpaceId, act: Act): Promise<void> {
    return this.#trying(async () => {
      const { persona, open } = this.#init.store.state
      if (persona === undefined) throw new AmpError('bad-input', 'Say first who you are in this mesh.')
      if (open?.id !== space || open.question === undefined)
        throw new AmpError('no-such-space', 'The question is not here yet; try again in a moment.')
      this.#resting.delete(space)
      await this.#write(await this.#joined(space), opOf(act, open.question, persona))
    })
  }

  /** "I have nothing to add": the others need not wait for this person any longer. */
  rest(space: SpaceId): Promise<void> {
    return this.#trying(async () => {
      this.#resting.add(space)
      await this.#settle()
      this.#look()
    })
  }

  search(words: string): Promise<void> {
    return this.#trying(() => this.#searching.search(words, this.#running()))
  }

  // ---- the peer -----------------------------------------------------------------------------------------------------

  /** One peer from its start to its end. */
  async #live(peer: Peer): Promise<void> {
    const { store, signal } = this.#init
    this.#peer = peer
    store.tell({ type: 'started', peer: peer.identity.peerId, mesh: peer.mesh.file.name })
    const stop = peer.onInvitation(invitation => this.#invited(invitation))
    const ended = new AbortController()
    try {
      await this.#announce()
      void this.#watchTime(AbortSignal.any([signal, ended.signal]))
      for await (const _ of peer.inspect(signal)) this.#lookSoon()
    } finally {
      ended.abort()
      stop()
      this.#nextLook?.()
      this.#nextLook = undefined
      this.#peer = undefined
      await peer.stop()
    }
    if (!signal.aborted) throw new AmpError('stopped', 'the peer of this tab has ended')
  }

  async #watchTime(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#look()
      await sleep(this.#init.clock, IDLE_LOOK_MS, signal).catch(() => {})
    }
  }

  /** The person's card: with it the mesh finds them by what they can do. */
  async #announce(): Promise<void> {
    const { persona } = this.#init.store.state
    const { name = '', can = '' } = persona ?? {}
    const capabilities = can.trim() === '' ? [] : [{ text: can.trim().slice(0, AGENT_LIMITS.capabilityLength) }]
    const card = { name, capabilities, operator: name, model: 'person', state: 'ready' } as const
    await this.#peer?.announce(capabilities.length === 0 ? [] : [card])
  }

  #invited(invitation: Invitation): void {
    this.#invitations.set(invitation.space, invitation)
    const [oldest = ''] = this.#invitations.keys()
    if (this.#invitations.size > MOST_INVITATIONS) this.#invitations.delete(oldest)
    this.#lookSoon()
  }

  async #joined(id: SpaceId): Promise<Space> {
    const space = this.#running().space(id) ?? (await this.#invitations.get(id)?.join())
    if (space === undefined) throw new AmpError('no-such-space', 'This question is over, or too far away to join.')
    return space
  }

  async #write(space: Space, op: Op): Promise<Rec[]> {
    const flaw = flawOfOp(op)
    if (flaw !== undefined) throw new AmpError('bad-input', `That cannot be said like this: ${flaw}.`)
    return space.replica.append([op])
  }

  #running(): Peer {
    if (this.#peer === undefined) throw new AmpError('stopped', 'There is no connection to the mesh yet.')
    return this.#peer
  }

  // ---- looking ------------------------------------------------------------------------------------------------------

  #lookSoon(): void {
    this.#nextLook ??= this.#init.clock.after(LOOK_MS, () => {
      this.#nextLook = undefined
      this.#look()
      void this.#trying(() => this.#settle())
    })
  }

  #look(): void {
    const peer = this.#peer
    if (peer === undefined) return
    const { store, clock } = this.#init
    const now = clock.now()
    const self = peer.identity.publicKey
    const spaces = peer.spaces().map(sourceOf)
    const invited = [...this.#invitations.values()].filter(({ space }) => peer.space(space) === undefined)
    const { chosen } = store.state
    const source = [...spaces, ...this.#openedKept].find(({ id }) => id === chosen)
    store.tell({
      type: 'looked',
      people: personsOf(peer.peers()),
      spaces: listed(
        spaces.map(each => summaryOf(each, now, each.genesis.founder === self ? 'mine' : 'joined')),
        invited.map(each => summaryOf(promised(each), now, 'invited')),
        this.#kept,
      ),
      open: source && spaceView(source, now, self),
      access: spaces.some(({ id }) => id === chosen) ? 'write' : 'read',
      resting: chosen !== undefined && this.#resting.has(chosen),
    })
  }

  /** Where the person rests, each change is followed by their word that they still have nothing to add. */
  async #settle(): Promise<void> {
    const { persona } = this.#init.store.state
    for (const id of this.#resting) {
      const space = this.#peer?.space(id)
      if (space === undefined || persona === undefined) continue
      const speaker = { author: this.#running().identity.publicKey, agent: persona.name }
      const op = restingOp(space.replica.records, space.genesis, speaker)
      if (op !== undefined) await this.#write(space, op)
    }
  }

  // ---- what the serving peer keeps ----------------------------------------------------------------------------------

  async #readArchive(): Promise<void> {
    const { archive, signal, clock } = this.#init
    if (archive === undefined) return
    for (let wait = RETRY_MS.first; !signal.aborted; wait = Math.min(wait * 2, RETRY_MS.most)) {
      try {
        this.#kept = await archive.list(signal)
        this.#look()
        wait = RETRY_MS.most / 2
      } catch {
        // the peer is away; it may come back
      }
      await sleep(clock, wait, signal).catch(() => {})
    }
  }

  async #openKept(id: SpaceId): Promise<void> {
    const { archive, signal } = this.#init
    const isElsewhere = this.#kept.some(each => each.id === id) && this.#peer?.space(id) === undefined
    this.#openedKept = isElsewhere && archive !== undefined ? [await archive.space(id, signal)] : []
  }

  /** Whatever goes wrong with what a person does is told to the person. */
  async #trying(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      if (!this.#init.signal.aborted) this.#init.store.tell({ type: 'problem', what: messageOf(error) })
    }
  }
}

const sourceOf = ({ id, genesis, replica }: Space): SpaceSource => ({ id, genesis, records: replica.records })

/** What is known of a question before joining it: the question. */
function promised({ space, genesis, question }: Invitation): SpaceSource {
  const records = new Records()
  records.add([question])
  return { id: space, genesis, records }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
