/** The peer of one tab, lent to the others of its origin: they see what it sees, and speak through it. */
import type { FindOptions } from '@amp-mesh/discovery'
import { AmpError, type Cancel, type Op, PEER_LIMITS, type Rec, type RecordId, type SpaceId } from '@amp-mesh/protocol'
import { Calls } from '../calls.ts'
import type { AskOptions, CardDraft, Invitation, Space } from '../contract.ts'
import type { LentMessages, Tell } from './lent-messages.ts'
import { openedOnce } from './opened-once.ts'
import {
  type Finds,
  type News,
  type PeerPicture,
  type Surroundings,
  spaceChange,
  spacePicture,
} from './peer-picture.ts'
import { holdLock } from './tab-lock.ts'
import type { TabPeer } from './tab-peer.ts'
import { channelOf, distribute, HOLDER, lockOf, TabPort } from './tab-port.ts'

/** Tabs that may be attached at once. */
const GUESTS = 16
/** Between two looks at what nobody tells (round trips), ms. */
const LOOK_MS = 2_000

/** Serves further tabs until cancelled. */
export function sharePeer(peer: TabPeer, name: string): Cancel {
  const channel = new BroadcastChannel(channelOf(name))
  const guests = new Map<string, Guest>()
  const welcome = (tab: string): Guest | undefined => {
    if (guests.size >= GUESTS) return undefined
    const guest = new Guest(peer, tab, new TabPort(channel, HOLDER, tab))
    guests.set(tab, guest)
    // a guest holds its lock from before its first word for as long as it lives
    void holdLock(lockOf(name, tab)).then(release => {
      guests.delete(tab)
      guest.close()
      release()
    })
    return guest
  }
  distribute(channel, HOLDER, tab => (guests.get(tab) ?? welcome(tab))?.port)
  return () => {
    for (const guest of guests.values()) guest.close()
    channel.close()
  }
}

/** One further tab, as the tab that is the peer serves it. */
class Guest {
  readonly port: TabPort
  readonly #peer: TabPeer
  readonly #tab: string
  readonly #calls: Calls
  readonly #invitations = new Map<SpaceId, Invitation>()
  readonly #followed = new Map<Space, Cancel>()
  readonly #closed = new AbortController()
  readonly #lentMessages = openedOnce(() => this.#lendMessages())
  #watching: Promise<void> | undefined
  #cancelLook: Cancel = () => {}
  #cancelInvitations: Cancel = () => {}

  constructor(peer: TabPeer, tab: string, port: TabPort) {
    this.#peer = peer
    this.#tab = tab
    this.port = port
    this.#calls = new Calls(port, {
      picture: () => this.#picture(),
      space: (_: AbortSignal, id: SpaceId) => spacePicture(this.#space(id)),
      append: (_: AbortSignal, id: SpaceId, ops: Op[]) => this.#space(id).replica.append(ops),
      putArtifact: (_: AbortSignal, id: SpaceId, ...given: Parameters<Space['putArtifact']>) =>
        this.#space(id).putArtifact(...given),
      artifact: (signal: AbortSignal, id: SpaceId, record: RecordId) => this.#space(id).artifact(record, signal),
      ask: (signal: AbortSignal, question: number, query: string, options: AskOptions) =>
        this.#ask(question, query, { ...options, signal }),
      find: (signal: AbortSignal, text: string, options: FindOptions) => this.#find(text, { ...options, signal }),
      announce: (_: AbortSignal, drafts: CardDraft[]) => peer.announce(drafts, tab),
      join: (_: AbortSignal, id: SpaceId) => this.#join(id),
      createSpace: (_: AbortSignal, init: Parameters<TabPeer['createSpace']>[0]) =>
        peer.createSpace(init).then(space => this.#follow(space)),
      messages: async (signal: AbortSignal, name: string, ...args: never[]) =>
        (await this.#lentMessages()).handlers[name]?.(signal, ...args),
    })
  }

  close(): void {
    this.#closed.abort(new AmpError('stopped'))
    this.port.close()
    this.#cancelLook()
    this.#cancelInvitations()
    for (const cancel of this.#followed.values()) cancel()
    this.#peer.announce([], this.#tab).catch(error => {
      this.#peer.logger.debug('the cards of a tab could not be withdrawn', { error: String(error) })
    })
  }

  async #lendMessages(): Promise<LentMessages> {
    const [{ LentMessages }, messages] = await Promise.all([import('./message-code.ts'), this.#peer.openMessages()])
    const tell: Tell = (name, args, signal) => this.#calls.call('messages', [name, ...args], signal)
    return new LentMessages(messages, tell, this.#closed.signal)
  }

  #tell(news: News): void {
    if (!this.#closed.signal.aborted) this.#calls.call('news', [news]).catch(() => {})
  }

  /** From the first picture on the guest is told what changes. */
  #picture(): PeerPicture {
    const { identity, mesh } = this.#peer
    this.#watching ??= this.#watch()
    this.#followAll()
    this.#cancelInvitations()
    this.#cancelInvitations = this.#peer.onInvitation(invitation => this.#invited(invitation))
    return {
      publicKey: identity.publicKey,
      peerId: identity.peerId,
      mesh: { id: mesh.id, file: mesh.file },
      spaces: this.#peer.spaces().map(spacePicture),
      commons: spacePicture(this.#peer.commons),
      ...this.#surroundings(),
    }
  }

  #surroundings(): Surroundings {
    const open = this.#peer.spaces().map(({ id }) => id)
    return { addresses: this.#peer.addresses(), peers: this.#peer.peers(), open }
  }

  async #watch(): Promise<void> {
    this.#look()
    for await (const inspection of this.#peer.inspect(this.#closed.signal)) {
      if (inspection.event !== 'record') this.#tellSurroundings()
      this.#tell({ type: 'inspected', inspection })
    }
  }

  #look(): void {
    this.#tellSurroundings()
    if (!this.#closed.signal.aborted) this.#cancelLook = this.#peer.clock.after(LOOK_MS, () => this.#look())
  }

  #tellSurroundings(): void {
    this.#followAll()
    this.#tell({ type: 'surroundings', surroundings: this.#surroundings() })
  }

  /** What the peer carries is followed, and what it has let go of no longer. */
  #followAll(): void {
    const open = new Set(this.#peer.spaces())
    for (const [space, cancel] of this.#followed) {
      if (open.has(space)) continue
      cancel()
      this.#followed.delete(space)
    }
    for (const space of open) this.#follow(space)
  }

  #follow(space: Space): SpaceId {
    if (!this.#followed.has(space)) {
      const tell = (records: readonly Rec[]) => this.#tell({ type: 'changed', change: spaceChange(space, records) })
      const cancels = [space.replica.subscribe(tell), space.onSuspicion(() => tell([]))]
      this.#followed.set(space, () => {
        for (const cancel of cancels) cancel()
      })
      this.#tell({ type: 'space', space: spacePicture(space) })
    }
    return space.id
  }

  #invited(invitation: Invitation): void {
    const { space, genesis, question, verifier } = invitation
    this.#invitations.set(space, invitation)
    if (this.#invitations.size > PEER_LIMITS.openSpaces)
      this.#invitations.delete(this.#invitations.keys().next().value ?? space)
    this.#tell({ type: 'invited', invitation: { space, genesis, question, verifier } })
  }

  async #join(id: SpaceId): Promise<SpaceId> {
    const invitation = this.#invitations.get(id)
    if (invitation === undefined) throw new AmpError('no-such-space', 'that question is over')
    return this.#follow(await invitation.join())
  }

  /** The question outlives the tab that asked it, as any question outlives its asker. */
  async #ask(question: number, query: string, options: AskOptions) {
    const asking = this.#peer.ask(query, options)
    for await (const happening of asking) {
      if (happening.type === 'broadcast') this.#follow(this.#space(happening.space))
      this.#tell({ type: 'happened', question, happening })
    }
    return asking.answer
  }

  async #find(text: string, options: FindOptions): Promise<Finds> {
    const cost = { lookups: 0, messages: 0, bytes: 0 }
    return { candidates: await Array.fromAsync(this.#peer.find(text, { ...options, cost })), cost }
  }

  #space(id: SpaceId): Space {
    const space = this.#peer.space(id)
    if (space === undefined) throw new AmpError('no-such-space', `this peer does not carry ${id}`)
    return space
  }
}
