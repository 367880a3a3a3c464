/** A hamlet: real replicas and real hosts of agents, wired by a switchboard in memory instead of a network. */
import { type Host, hostAgents } from '@amp-mesh/agents'
import { LedgerGraph, MemoryStorage, Replica, type SyncMessage } from '@amp-mesh/context'
import { LexicalEmbedder } from '@amp-mesh/discovery'
import type { Asking, CardDraft, Invitation, Peer, Space } from '@amp-mesh/peer'
import {
  type Agent,
  AmpError,
  type Clock,
  encodeGenesis,
  type Genesis,
  type Identity,
  identityFromSeed,
  type Json,
  type Kind,
  type Logger,
  type PeerId,
  type Random,
  type Rec,
  SPACE_LIMITS,
  type SpaceId,
  sha256,
  silentTracer,
  toBase64url,
  utf8,
} from '@amp-mesh/protocol'
import { verifyOnce } from '../../simulation/space.ts'

const MESH = toBase64url(sha256(utf8('hamlet')))

const clock: Clock = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms)
    return () => clearTimeout(timer)
  },
}
let state = 1
const float = () => {
  state = (state * 48_271) % 2_147_483_647
  return state / 2_147_483_647
}
const random: Random = { bytes: length => Uint8Array.from({ length }, () => float() * 256), float }
const embedder = new LexicalEmbedder()
const quiet = () => {}

export class Hamlet {
  readonly #villagers = new Map<string, Villager>()
  readonly #byId = new Map<PeerId, Villager>()

  villager(name: string): Villager {
    const known = this.#villagers.get(name)
    if (known !== undefined) return known
    const villager = new Villager(name, (from, to, message) => this.#deliver(from, to, message))
    this.#villagers.set(name, villager)
    this.#byId.set(villager.identity.peerId, villager)
    return villager
  }

  /** Everybody gets the question; the asker and the named ones verify. */
  async ask(
    asker: string,
    query: string,
    more: { budgetMs?: number; context?: Json; verifiers?: string[] } = {},
  ): Promise<SpaceId> {
    const founder = this.villager(asker)
    const names = [asker, ...(more.verifiers ?? [...this.#villagers.keys()].filter(name => name !== asker).slice(0, 6))]
    const genesis = encodeGenesis({
      v: 1,
      mesh: MESH,
      name: query,
      founder: founder.identity.publicKey,
      verifiers: names.map(name => ({ pub: this.villager(name).identity.publicKey, operator: name, model: 'none' })),
      open: true,
      policy: { domains: 1 },
      budget: { ms: more.budgetMs ?? 10_000 },
      offerWindowMs: 200,
      limits: SPACE_LIMITS,
      salt: toBase64url(random.bytes(16)),
    })
    const space = await founder.open(genesis)
    await space.replica.append([
      { k: 'broadcast', query, ...(more.context !== undefined && { context: more.context }) },
    ])
    founder.invite(space)
    const segment = space.replica.questionSegment()
    for (const villager of this.#villagers.values())
      if (villager !== founder && segment !== undefined) await villager.hear(genesis, segment)
    this.#introduce(space.id)
    return space.id
  }

  /** Stops a villager as a crash would: nothing is said, the others notice. */
  async kill(name: string): Promise<void> {
    const gone = this.villager(name)
    this.#villagers.delete(name)
    this.#byId.delete(gone.identity.peerId)
    await gone.stop()
    for (const villager of this.#villagers.values()) villager.suspect(gone.identity.peerId)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#villagers.values()].map(villager => villager.stop()))
  }

  #introduce(id: SpaceId): void {
    const members = [...this.#villagers.values()].filter(villager => villager.space(id) !== undefined)
    for (const one of members)
      for (const other of members) if (one !== other) one.replica(id)?.neighbour(other.identity.peerId, true)
  }

  #deliver(from: PeerId, to: PeerId, message: SyncMessage): void {
    setImmediate(() => {
      if (this.#byId.has(from) && message.space !== undefined)
        void this.#byId.get(to)?.replica(message.space)?.receive(from, message)
    })
  }
}

/** A space with all of its replica, which agents see less of. */
type OpenSpace = Space & { replica: Replica }

/** A peer as far as agents can see it. */
export class Villager implements Peer {
  readonly identity: Identity
  readonly mesh = { id: MESH, file: { v: 1 as const, name: 'hamlet', key: MESH, verifiers: [], limits: {} } }
  readonly clock = clock
  readonly random = random
  readonly embedder = embedder
  readonly model = undefined
  readonly metrics = { count: quiet, observe: quiet }
  readonly tracer = silentTracer
  readonly logged: string[] = []
  readonly logger: Logger = {
    debug: quiet,
    info: quiet,
    warn: (...all) => this.#log(all),
    error: (...all) => this.#log(all),
  }
  cards: readonly CardDraft[] = []
  host: Host | undefined
  readonly #send: (from: PeerId, to: PeerId, message: SyncMessage) => void
  readonly #spaces = new Map<SpaceId, OpenSpace>()
  readonly #storage = new MemoryStorage()
  readonly #suspected = new Set<PeerId>()
  readonly #suspicions = new Set<() => void>()
  readonly #invited = new Set<(invitation: Invitation) => void>()

  constructor(name: string, send: (from: PeerId, to: PeerId, message: SyncMessage) => void) {
    this.identity = identityFromSeed(sha256(utf8(name)))
    this.#send = send
  }

  async hosts(...agents: Agent[]): Promise<this> {
    this.host = await hostAgents(this, agents)
    return this
  }

  /** Ends the host and opens the stored space again, as after a restart of the process. */
  async restart(id: SpaceId, ...agents: Agent[]): Promise<void> {
    await this.host?.close()
    const genesis = encodeGenesis((this.#spaces.get(id) as OpenSpace).genesis)
    await this.replica(id)?.close()
    await this.open(genesis)
    await this.hosts(...agents)
  }

  async open(bytes: Uint8Array): Promise<OpenSpace> {
    const { identity, logger } = this
    const send = (to: PeerId, message: SyncMessage) => {
      this.#send(identity.peerId, to, message)
      return true
    }
    const replica = await Replica.open({
      genesis: bytes,
      storage: this.#storage,
      identity,
      verify: verifyOnce,
      clock,
      random,
      logger,
      send,
      mayAdmit: () => true,
    })
    const opened = Date.now()
    const space: OpenSpace = {
      id: replica.id,
      genesis: replica.genesis,
      replica,
      putArtifact: () => Promise.reject(new AmpError('stopped')),
      artifact: () => Promise.reject(new AmpError('stopped')),
      graph: new LedgerGraph({
        genesis: replica.genesis,
        replica,
        append: ops => replica.append(ops),
        self: identity.publicKey,
        embedder,
        clock,
      }),
      members: () => [],
      suspected: () => this.#suspected,
      onSuspicion: listener => {
        this.#suspicions.add(listener)
        return () => this.#suspicions.delete(listener)
      },
      age: () => Date.now() - opened,
    }
    this.#spaces.set(space.id, space)
    return space
  }

  async hear(genesis: Uint8Array, segment: Uint8Array): Promise<void> {
    const space = await this.open(genesis)
    await space.replica.importSegment(segment)
    this.invite(space)
  }

  get commons(): Space {
    throw new Error('a hamlet has no commons')
  }

  invite(space: Space): void {
    for (const listener of this.#invited) listener(this.#invitation(space))
  }

  #invitation(space: Space): Invitation {
    const question = space.replica.records.of('broadcast')[0] as Rec<'broadcast'>
    const verifier = space.genesis.verifiers.some(
      ({ pub }: Genesis['verifiers'][number]) => pub === this.identity.publicKey,
    )
    return { space: space.id, genesis: space.genesis, question, verifier, join: async () => space }
  }

  onInvitation(listener: (invitation: Invitation) => void) {
    this.#invited.add(listener)
    for (const space of this.#spaces.values()) listener(this.#invitation(space))
    return () => this.#invited.delete(listener)
  }

  said<K extends Kind>(id: SpaceId, kind: K): readonly Rec<K>[] {
    return this.replica(id)?.records.of(kind) ?? []
  }

  replica(id: SpaceId): Replica | undefined {
    return this.#spaces.get(id)?.replica
  }

  suspect(peer: PeerId): void {
    this.#suspected.add(peer)
    for (const listener of this.#suspicions) listener()
  }

  async announce(cards: readonly CardDraft[]): Promise<void> {
    this.cards = cards
  }

  space = (id: SpaceId) => this.#spaces.get(id)
  spaces = () => [...this.#spaces.values()]
  addresses = () => []
  peers = () => []
  drain = () => this.stop()
  ask = (): Asking => absent()
  createSpace = (): Promise<Space> => absent()
  async *find() {}
  async *inspect() {}

  async stop(): Promise<void> {
    await this.host?.close()
    await Promise.all([...this.#spaces.values()].map(space => space.replica.close()))
  }

  #log(all: unknown[]): void {
    this.logged.push(all.map(part => (typeof part === 'string' ? part : JSON.stringify(part))).join(' '))
  }
}

function absent(): never {
  throw new Error('a hamlet has no network to do that')
}
