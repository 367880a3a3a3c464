/** The spaces of a peer: those it takes part in, and the invitations to those it may join. */
import {
  type ArtifactMessage,
  Ledger,
  question,
  Records,
  SpaceStore,
  type SyncMessage,
  verifiersOf,
} from '@amp-mesh/context'
import {
  AmpError,
  type Cancel,
  decodeGenesis,
  encodeGenesis,
  fromUtf8,
  type Genesis,
  type MeshId,
  type Message,
  PEER_LIMITS,
  type PeerId,
  type Rec,
  type SpaceId,
  spaceIdOf,
  utf8,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import type { Invitation } from './contract.ts'
import { LiveSpace, type LiveSpaceInit, type SpaceWorld } from './live-space.ts'

export interface SpacesInit extends SpaceWorld {
  mesh: MeshId
  onInvited(space: SpaceId, query: string): void
  onJoined(space: SpaceId): void
}

interface Received {
  genesis: Genesis
  genesisBytes: Uint8Array
  questionBytes: Uint8Array
  question: Rec<'broadcast'>
  trace: string | undefined
}

/** Invitations kept for whoever may still join; the oldest go. */
const INVITATIONS = 256
/** When each space on this disk was first seen, ms since the epoch. */
const OPENED = 'opened/'

export class Spaces {
  readonly #init: SpacesInit
  readonly #open = new Map<SpaceId, LiveSpace>()
  readonly #opening = new Map<SpaceId, Promise<LiveSpace>>()
  readonly #received = new Map<SpaceId, Received>()
  readonly #listeners = new Set<(invitation: Invitation) => void>()
  /** What was read of messages that are still being handled. */
  readonly #sound = new WeakMap<Message<'broadcast'>, Received>()
  #commons: LiveSpace | undefined

  constructor(init: SpacesInit) {
    this.#init = init
  }

  /** Those of questions and groups; the commons is none of them. */
  all(): LiveSpace[] {
    return [...this.#open.values()]
  }

  get(id: SpaceId): LiveSpace | undefined {
    return this.#commons?.id === id ? this.#commons : this.#open.get(id)
  }

  /** Opens the space of the whole mesh, which this peer then always carries. */
  async openCommons(genesis: Genesis): Promise<LiveSpace> {
    this.#commons = await LiveSpace.open(this.#init, { genesis: encodeGenesis(genesis), everybody: true })
    return this.#commons
  }

  /** Also tells what is here already: spaces carried, and invitations that came before anybody listened. */
  onInvitation(listener: (invitation: Invitation) => void): Cancel {
    this.#listeners.add(listener)
    for (const space of this.#open.values()) {
      const invitation = this.#invitationTo(space)
      if (invitation !== undefined) listener(invitation)
    }
    for (const [space, received] of this.#received)
      if (!this.#open.has(space)) listener(this.#invitation(space, received))
    return () => this.#listeners.delete(listener)
  }

  /** The newest spaces on disk, up to the bound, as they were. */
  async reopen(): Promise<void> {
    const { storage } = this.#init
    const stored: [SpaceId, since: number][] = []
    for await (const [key, value] of storage.range(OPENED, `${OPENED}\uffff`))
      stored.push([key.slice(OPENED.length), Number(fromUtf8(value))])
    stored.sort(([, a], [, b]) => b - a)
    for (const [space, since] of stored.slice(0, PEER_LIMITS.openSpaces)) {
      try {
        const genesis = await new SpaceStore(storage, space).genesis()
        if (genesis !== undefined) this.#open.set(space, await LiveSpace.open(this.#init, { genesis, since }))
      } catch (error) {
        this.#init.logger.error('a stored space could not be opened', { space, error: String(error) })
      }
    }
  }

  /** Makes a space, which nobody hears of before its `makeKnown`. */
  found(genesis: Uint8Array): Promise<LiveSpace> {
    return this.#opened({ genesis, founded: true })
  }

  /** Throws as `invited` does, and keeps nothing. */
  check(message: Message<'broadcast'>): void {
    if (this.get(message.space) === undefined && !this.#received.has(message.space)) this.#read(message)
  }

  /** A question came in, by whatever way. Throws `bad-message` or `wrong-mesh` for one that is not sound. */
  async invited(message: Message<'broadcast'>, from: PeerId): Promise<void> {
    const open = this.get(message.space)
    if (open !== undefined) {
      open.linkUp(from)
      return
    }
    if (this.#received.has(message.space)) return
    const received = this.#read(message)
    this.#received.set(message.space, received)
    if (this.#received.size > INVITATIONS) this.#received.delete(this.#received.keys().next().value as SpaceId)
    this.#init.onInvited(message.space, received.question.op.query)
    const invitation = this.#invitation(message.space, received)
    if (invitation.verifier) await invitation.join()
    for (const listener of this.#listeners) listener(invitation)
  }

  /** Tells the agents of this peer about its own question. */
  announce(space: LiveSpace): void {
    const invitation = this.#invitationTo(space)
    if (invitation !== undefined) for (const listener of this.#listeners) listener(invitation)
  }

  async receive(from: PeerId, message: SyncMessage | ArtifactMessage, bytes: number) {
    if (message.space === undefined) return
    const space = this.get(message.space) ?? (await this.#opening.get(message.space))
    if (space !== undefined) {
      space.count(bytes)
      await space.receive(from, message)
    } else if (!this.#received.has(message.space)) {
      this.#init.post(from, { type: 'error', code: 'unknown-space', re: message.space })
    }
  }

  linkUp(peer: PeerId): void {
    for (const space of this.#carried()) space.linkUp(peer)
  }

  linkDown(peer: PeerId): void {
    for (const space of this.#carried()) space.linkDown(peer)
  }

  suspicionChanged(peer: PeerId): void {
    for (const space of this.#carried()) space.suspicionChanged(peer)
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#opening.values())
    await Promise.all(this.#carried().map(space => space.close()))
    this.#open.clear()
  }

  #carried(): LiveSpace[] {
    return [...(this.#commons === undefined ? [] : [this.#commons]), ...this.#open.values()]
  }

  async #opened(init: LiveSpaceInit): Promise<LiveSpace> {
    const id = spaceIdOf(init.genesis)
    const known = this.#open.get(id) ?? this.#opening.get(id)
    if (known !== undefined) return known
    if (this.#open.size + this.#opening.size >= PEER_LIMITS.openSpaces) await this.#makeRoom()
    const opening = this.#openNew(id, init).finally(() => this.#opening.delete(id))
    this.#opening.set(id, opening)
    return opening
  }

  async #openNew(id: SpaceId, init: LiveSpaceInit): Promise<LiveSpace> {
    const { clock, storage } = this.#init
    const [space] = await Promise.all([
      LiveSpace.open(this.#init, init),
      storage.write([{ put: OPENED + id, value: utf8(String(clock.now())) }]),
    ])
    this.#open.set(id, space)
    for (const peer of this.#init.linked()) space.linkUp(peer)
    this.#init.onJoined(id)
    return space
  }

  /**
   * Makes room by letting go of a question that has ended; it stays on disk. Running ones are not pushed out by new
   * ones.
   */
  async #makeRoom(): Promise<void> {
    const ended = [...this.#open.values()].find(space => !space.isRunning())
    if (ended === undefined) throw new AmpError('busy', 'this peer takes part in as many questions as it can')
    this.#open.delete(ended.id)
    await ended.close()
  }

  #read(message: Message<'broadcast'>): Received {
    const known = this.#sound.get(message)
    if (known !== undefined) return known
    const received = this.#readAnew(message)
    this.#sound.set(message, received)
    return received
  }

  #readAnew(message: Message<'broadcast'>): Received {
    const { genesis: genesisBytes, question: questionBytes, space, trace } = message
    if (genesisBytes.length + questionBytes.length > WIRE_LIMITS.broadcastInline) throw new AmpError('too-large')
    if (spaceIdOf(genesisBytes) !== space) throw new AmpError('bad-message', 'a genesis of another space')
    const genesis = decodeGenesis(genesisBytes)
    if (genesis.mesh !== this.#init.mesh) throw new AmpError('wrong-mesh')
    // A ledger of its own, thrown away: the rules read the segment, nothing is kept.
    const ledger = new Ledger({ genesis: genesisBytes, verify: this.#init.verify, now: () => this.#init.clock.now() })
    ledger.ingest(questionBytes)
    const records = new Records()
    records.add(ledger.records())
    const asked = question(records, genesis)
    if (asked === undefined) throw new AmpError('bad-message', 'a broadcast without a question of its founder')
    return { genesis, genesisBytes, questionBytes, question: asked, trace }
  }

  #invitation(space: SpaceId, received: Received): Invitation {
    return {
      space,
      genesis: received.genesis,
      question: received.question,
      trace: received.trace,
      verifier: this.#isVerifier(received.genesis),
      join: () =>
        this.#opened({
          genesis: received.genesisBytes,
          question: received.questionBytes,
          trace: received.trace,
        }),
    }
  }

  #invitationTo(space: LiveSpace): Invitation | undefined {
    const asked = question(space.replica.records, space.genesis)
    if (asked === undefined) return undefined
    const verifier = this.#isVerifier(space.genesis)
    const { id, genesis, trace } = space
    return { space: id, genesis, question: asked, trace, verifier, join: async () => space }
  }

  #isVerifier(genesis: Genesis): boolean {
    return verifiersOf(genesis).has(this.#init.identity.publicKey)
  }
}
