/** The peer of another tab of this origin, as this tab has it. It ends when that tab does. */
import { type Candidate, type FindOptions, LexicalEmbedder } from '@amp-mesh/discovery'
import {
  AmpError,
  type Cancel,
  type Embedder,
  type Identity,
  type Logger,
  type Model,
  PEER_LIMITS,
  type PeerId,
  type Rec,
  type SpaceId,
  silentTracer,
  sleep,
  toBase64url,
} from '@amp-mesh/protocol'
import { asking } from '../asking.ts'
import { Calls } from '../calls.ts'
import type {
  Answer,
  Asking,
  AskOptions,
  CardDraft,
  Happening,
  Inspection,
  Invitation,
  Peer,
  PeerInfo,
  Space,
} from '../contract.ts'
import { Inspections } from '../inspection.ts'
import type { Messages } from '../messaging.ts'
import { silentMetrics } from '../silent-metrics.ts'
import type { AttachedMessages } from './attached-messages.ts'
import { lateMessages } from './late-messages.ts'
import { MirroredSpace } from './mirrored-space.ts'
import { openedOnce } from './opened-once.ts'
import type { Finds, InvitationPicture, News, PeerPicture, SpacePicture, Surroundings } from './peer-picture.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'
import { holdLock } from './tab-lock.ts'
import { channelOf, distribute, HOLDER, lockOf, TabPort } from './tab-port.ts'

export interface AttachInit {
  logger: Logger
  /** For agents hosted in this tab. */
  embedder?: Embedder
  model?: Model
  /** Aborting it detaches. */
  signal?: AbortSignal
}

/** The tab that is the peer may be starting: it has this long to answer, and as long again before the next try, ms. */
const PATIENCE_MS = 500

/** The peer that another tab is; undefined when that tab has gone meanwhile. */
export async function attachPeer(name: string, init: AttachInit): Promise<(Peer & Messages) | undefined> {
  const { logger, signal } = init
  const tab = toBase64url(systemRandom.bytes(12))
  const release = await holdLock(lockOf(name, tab)) // by it the other tab knows how long this one is there
  const channel = new BroadcastChannel(channelOf(name))
  const port = new TabPort(channel, tab, HOLDER)
  distribute(channel, tab, from => (from === HOLDER ? port : undefined))
  const left = new AbortController()
  left.signal.addEventListener('abort', () => {
    port.close()
    channel.close()
    release()
  })
  const leave = (why: string) => left.abort(new AmpError('stopped', why))
  navigator.locks
    .request(channelOf(name), { signal: left.signal }, () => leave('the tab that was the peer is gone: start again'))
    .catch(() => {}) // left before
  signal?.addEventListener('abort', () => leave('the peer was stopped'), { once: true })
  if (signal?.aborted) leave('the peer was stopped')
  const attached = new AttachedPeer(init, port, left.signal, leave)
  while (!left.signal.aborted) {
    try {
      await attached.open(AbortSignal.timeout(PATIENCE_MS))
      return Object.assign(attached, lateMessages(attached.openMessages, logger))
    } catch (error) {
      logger.debug('the tab that is the peer does not answer yet', { error: String(error) })
      await sleep(systemClock, PATIENCE_MS, left.signal).catch(() => {})
    }
  }
  signal?.throwIfAborted()
  return undefined
}

class AttachedPeer implements Peer {
  readonly clock = systemClock
  readonly random = systemRandom
  readonly metrics = silentMetrics
  readonly tracer = silentTracer
  /** What its agents say to others directly. */
  readonly openMessages = openedOnce(() => this.#openMessages())
  readonly embedder: Embedder
  readonly model: Model | undefined
  readonly logger: Logger
  readonly #calls: Calls
  readonly #left: AbortSignal
  readonly #leave: (why: string) => void
  readonly #inspections = new Inspections(systemClock)
  readonly #spaces = new Map<SpaceId, MirroredSpace>()
  readonly #invitations = new Map<SpaceId, InvitationPicture>()
  readonly #listeners = new Set<(invitation: Invitation) => void>()
  readonly #questions = new Map<number, (happening: Happening) => void>()
  #picture: PeerPicture | undefined
  #surroundings: Surroundings = { addresses: [], peers: [], open: [] }
  #asked = 0

  constructor({ logger, embedder, model }: AttachInit, port: TabPort, left: AbortSignal, leave: (why: string) => void) {
    this.logger = logger
    this.embedder = embedder ?? new LexicalEmbedder()
    this.model = model
    this.#left = left
    this.#leave = leave
    left.addEventListener('abort', () => this.#inspections.end())
    this.#calls = new Calls(port, {
      news: (_: AbortSignal, news: News) => this.#hear(news),
      messages: async (signal: AbortSignal, name: string, ...args: never[]) =>
        (await this.openMessages()).handlers[name]?.(signal, ...args),
    })
  }

  /** Resolves when the other tab has told what there is. */
  async open(signal: AbortSignal): Promise<void> {
    const picture = await this.#call<PeerPicture>('picture', [], signal)
    this.#picture = picture
    this.#surroundings = picture
    for (const space of [picture.commons, ...picture.spaces]) this.#mirror(space)
  }

  get identity(): Identity {
    const { publicKey, peerId } = this.#known()
    const sign = () => Promise.reject(new AmpError('not-allowed', 'the key is in another tab'))
    return { publicKey, peerId, sign }
  }

  get mesh(): Peer['mesh'] {
    return this.#known().mesh
  }

  addresses(): string[] {
    return this.#surroundings.addresses
  }

  peers(): PeerInfo[] {
    return this.#surroundings.peers
  }

  spaces(): Space[] {
    return [...this.#spaces.values()].filter(({ id }) => id !== this.#known().commons.id)
  }

  get commons(): Space {
    const { commons } = this.#known()
    return this.#spaces.get(commons.id) ?? this.#mirror(commons)
  }

  space(id: SpaceId): Space | undefined {
    return this.#spaces.get(id)
  }

  inspect(signal?: AbortSignal): AsyncIterable<Inspection> {
    return this.#inspections.stream(signal)
  }

  /** Leaves; the peer lives on in its tab. */
  async stop(): Promise<void> {
    this.#leave('the peer was stopped')
  }

  drain(): Promise<void> {
    return this.stop()
  }

  /** The agents of this tab, besides those of others. */
  announce(agents: readonly CardDraft[]): Promise<void> {
    return this.#call('announce', [agents])
  }

  async createSpace(init: { name: string; members: PeerId[] }): Promise<Space> {
    return this.#fetched(await this.#call<SpaceId>('createSpace', [init]))
  }

  async *find(text: string, { signal, cost, ...options }: FindOptions = {}): AsyncGenerator<Candidate> {
    const finds = await this.#call<Finds>('find', [text, options], signal)
    for (const measure of ['lookups', 'messages', 'bytes'] as const)
      if (cost !== undefined) cost[measure] += finds.cost[measure]
    yield* finds.candidates
  }

  ask(query: string, { signal, ...options }: AskOptions = {}): Asking {
    const question = this.#asked++
    return asking(({ opened, happened }) => {
      this.#questions.set(question, happening => {
        if (happening.type === 'broadcast' || happening.type === 'done') opened(happening.space)
        happened(happening)
      })
      return this.#call<Answer>('ask', [question, query, options], signal).finally(() =>
        this.#questions.delete(question),
      )
    })
  }

  onInvitation(listener: (invitation: Invitation) => void): Cancel {
    this.#listeners.add(listener)
    for (const invitation of this.#invitations.values()) listener(this.#invitation(invitation))
    return () => this.#listeners.delete(listener)
  }

  async #hear(news: News): Promise<void> {
    if (news.type === 'surroundings') this.#surrounded(news.surroundings)
    else if (news.type === 'space') this.#mirror(news.space)
    else if (news.type === 'inspected') this.#inspections.tell(news.inspection)
    else if (news.type === 'happened') this.#questions.get(news.question)?.(news.happening)
    else if (news.type === 'invited') this.#invited(news.invitation)
    else if (this.#spaces.get(news.change.id)?.change(news.change) === false) await this.#fetched(news.change.id)
  }

  /** What the peer has let go of goes here too. */
  #surrounded(surroundings: Surroundings): void {
    this.#surroundings = surroundings
    const open = new Set(surroundings.open)
    for (const id of this.#spaces.keys()) if (!open.has(id)) this.#spaces.delete(id)
  }

  #invited(picture: InvitationPicture): void {
    this.#invitations.set(picture.space, picture)
    if (this.#invitations.size > PEER_LIMITS.openSpaces)
      this.#invitations.delete(this.#invitations.keys().next().value ?? picture.space)
    for (const listener of this.#listeners) listener(this.#invitation(picture))
  }

  #invitation(picture: InvitationPicture): Invitation {
    return { ...picture, join: async () => this.#fetched(await this.#call<SpaceId>('join', [picture.space])) }
  }

  /** The space as it stands in the other tab now. */
  async #fetched(id: SpaceId): Promise<Space> {
    return this.#mirror(await this.#call<SpacePicture>('space', [id]))
  }

  #mirror(picture: SpacePicture): Space {
    const { id } = picture
    const known = this.#spaces.get(id)
    known?.replace(picture)
    if (known !== undefined) return known
    const append: Space['replica']['append'] = ops => this.#call<Rec[]>('append', [id, ops])
    const space = new MirroredSpace(picture, {
      clock: this.clock,
      putArtifact: (...given) => this.#calls.call('putArtifact', [id, ...given]),
      artifact: (record, signal) => this.#calls.call('artifact', [id, record], signal),
      embedder: this.embedder,
      self: this.identity.publicKey,
      append,
    })
    this.#spaces.set(id, space)
    return space
  }

  async #openMessages(): Promise<AttachedMessages> {
    const { AttachedMessages } = await import('./message-code.ts')
    return new AttachedMessages({
      call: (name, args, signal) => this.#call('messages', [name, ...args], signal),
      space: id => this.space(id),
      fetchSpace: id => this.#fetched(id),
      logger: this.logger,
    })
  }

  /** Ends with this tab's time at the other, if that does not answer before. */
  #call<T>(name: string, args: readonly unknown[], signal?: AbortSignal): Promise<T> {
    return this.#calls.call(name, args, signal === undefined ? this.#left : AbortSignal.any([this.#left, signal]))
  }

  #known(): PeerPicture {
    if (this.#picture === undefined) throw new AmpError('stopped', 'the other tab has not answered yet')
    return this.#picture
  }
}
