/**
 * The directory: this peer's table of signed, expiring cards. Which cards it holds does not depend on the order they
 * came in.
 */
import {
  type AgentCard,
  type AgentId,
  type Cancel,
  type Clock,
  DecodeError,
  type MeshId,
  openCard,
  PEER_LIMITS,
  type PeerId,
  parseAgentId,
  type SignedCard,
  SPACE_LIMITS,
  sha256,
  toBase64url,
  utf8,
  type Verify,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'

/**
 * What became of a card: `new` agent, `newer` card of a known one, `old` (known already, expired, or from the future),
 * `full` (its publisher, or the whole table, has no room for it), `refused` (forged, malformed, too large, of another
 * mesh).
 */
export type PutResult = 'new' | 'newer' | 'old' | 'full' | 'refused'

export interface DirectoryChange {
  readonly change: 'new' | 'newer' | 'expired' | 'evicted' | 'removed'
  readonly card: AgentCard
}

/** One entry of a `cards_have` message: agent and the sequence of the card held. */
export type Have = readonly [agent: AgentId, seq: number]

export interface DirectoryInit {
  mesh: MeshId
  verify: Verify
  clock: Clock
  /** Known to nobody else: decides which of equally prolific publishers loses a card when the table is full. */
  salt?: Uint8Array
  cards?: number
  cardsPerPeer?: number
}

interface Publisher {
  readonly agents: Set<AgentId>
  /** Salted hash of its id. */
  readonly lot: string
}

interface Entry {
  readonly card: AgentCard
  readonly signed: SignedCard
  readonly digest: string
}

/**
 * Holds for each agent the valid card with the highest sequence. One publisher keeps the first `cardsPerPeer` of its
 * agents by id. When the table is full, whoever publishes most loses its last agent by id; of equals, the one with the
 * largest salted hash. No publisher can write a card that pushes out others' while it has more of its own.
 */
export class Directory {
  readonly #mesh: MeshId
  readonly #verify: Verify
  readonly #clock: Clock
  readonly #salt: Uint8Array
  readonly #cards: number
  readonly #cardsPerPeer: number
  readonly #entries = new Map<AgentId, Entry>()
  readonly #publishers = new Map<PeerId, Publisher>()
  /** Digests of the cards held: a repetition costs a hash, not a signature check. */
  readonly #digests = new Set<string>()
  readonly #listeners = new Set<(change: DirectoryChange) => void>()
  #nextExpiry = Number.POSITIVE_INFINITY

  constructor(init: DirectoryInit) {
    this.#mesh = init.mesh
    this.#verify = init.verify
    this.#clock = init.clock
    this.#salt = init.salt ?? new Uint8Array()
    this.#cards = init.cards ?? PEER_LIMITS.cards
    this.#cardsPerPeer = init.cardsPerPeer ?? PEER_LIMITS.cardsPerPeer
  }

  /** The one door for cards: opens, checks and files it. */
  put(signed: SignedCard): PutResult {
    this.#expire()
    const digest = toBase64url(sha256(signed.body, signed.signature))
    if (this.#digests.has(digest)) return 'old'
    const card = this.#open(signed)
    if (card === undefined) return 'refused'
    const now = this.#clock.now()
    if (card.expires <= now || card.issued > now + SPACE_LIMITS.skewMs) return 'old'
    const known = this.#entries.get(card.agent)
    if (known !== undefined && !supersedes({ card, digest }, known)) return 'old'
    return this.#file({ card, signed, digest }, known)
  }

  get(agent: AgentId): AgentCard | undefined {
    this.#expire()
    return this.#entries.get(agent)?.card
  }

  /** All live cards of a peer, by agent id. */
  of(peer: PeerId): AgentCard[] {
    return this.#entriesOf(peer).map(({ card }) => card)
  }

  /** The same, signed: what the card protocol hands out. */
  signedOf(peer: PeerId): SignedCard[] {
    return this.#entriesOf(peer).map(({ signed }) => signed)
  }

  /** All live cards, draining and gone ones included: see {@link isCandidate}. */
  all(): AgentCard[] {
    this.#expire()
    return [...this.#entries.values()].map(({ card }) => card)
  }

  get size(): number {
    this.#expire()
    return this.#entries.size
  }

  /** Forgets a peer's cards; they may come back. */
  remove(peer: PeerId): void {
    for (const agent of this.#idsOf(peer)) this.#drop(agent, 'removed')
  }

  /** What this directory holds, newest first: our side of the anti-entropy on every new connection. */
  have(): Have[] {
    return this.#newest().map(({ card }) => [card.agent, card.seq])
  }

  /**
   * Cards that the other side lacks or has older, newest first. A full list may be the beginning of a longer one, so
   * only as many of our newest cards are compared with it: what falls outside is repaired when it is renewed.
   */
  missing(have: readonly Have[]): SignedCard[] {
    const theirs = new Map(have)
    return this.#newest()
      .filter(({ card }) => (theirs.get(card.agent) ?? -1) < card.seq)
      .map(({ signed }) => signed)
  }

  /** Calls `listener` for each change, after it. Expiry shows when the directory is next used. */
  subscribe(listener: (change: DirectoryChange) => void): Cancel {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #open(signed: SignedCard): AgentCard | undefined {
    if (signed.body.length > WIRE_LIMITS.card) return undefined
    try {
      const card = openCard(signed, this.#mesh, this.#verify)
      // a card that lived longer than agreed would outlast its agent everywhere
      return card.expires - card.issued <= PEER_LIMITS.cardLifeMs ? card : undefined
    } catch (error) {
      if (error instanceof DecodeError) return undefined
      throw error
    }
  }

  #file(entry: Entry, known: Entry | undefined): PutResult {
    const { card } = entry
    const { peer } = parseAgentId(card.agent)
    if (known !== undefined) this.#digests.delete(known.digest)
    this.#entries.set(card.agent, entry)
    this.#digests.add(entry.digest)
    this.#nextExpiry = Math.min(this.#nextExpiry, card.expires)
    this.#publisher(peer).agents.add(card.agent)
    const surplus = this.#surplus(peer)
    if (surplus === card.agent) {
      this.#forget(surplus)
      return 'full'
    }
    if (surplus !== undefined) this.#drop(surplus, 'evicted')
    const change = known === undefined ? 'new' : 'newer'
    this.#tell({ change, card })
    return change
  }

  /** The agent that must go now that `peer` has published, if one must. */
  #surplus(peer: PeerId): AgentId | undefined {
    if (this.#publisher(peer).agents.size > this.#cardsPerPeer) return this.#idsOf(peer).at(-1)
    if (this.#entries.size <= this.#cards) return undefined
    const [loser] = [...this.#publishers].reduce((a, b) => (loses(a[1], b[1]) ? a : b))
    return this.#idsOf(loser).at(-1)
  }

  #publisher(peer: PeerId): Publisher {
    let publisher = this.#publishers.get(peer)
    if (publisher === undefined) {
      publisher = { agents: new Set(), lot: toBase64url(sha256(this.#salt, utf8(peer))) }
      this.#publishers.set(peer, publisher)
    }
    return publisher
  }

  #idsOf(peer: PeerId): AgentId[] {
    return [...(this.#publishers.get(peer)?.agents ?? [])].sort()
  }

  #entriesOf(peer: PeerId): Entry[] {
    this.#expire()
    return this.#idsOf(peer).flatMap(agent => this.#entries.get(agent) ?? [])
  }

  #newest(): Entry[] {
    this.#expire()
    return [...this.#entries.values()]
      .sort((a, b) => b.card.issued - a.card.issued || (a.card.agent < b.card.agent ? -1 : 1))
      .slice(0, WIRE_LIMITS.cardsInHave)
  }

  #expire(): void {
    const now = this.#clock.now()
    if (now < this.#nextExpiry) return
    this.#nextExpiry = Number.POSITIVE_INFINITY
    for (const { card } of [...this.#entries.values()]) {
      if (card.expires <= now) this.#drop(card.agent, 'expired')
      else this.#nextExpiry = Math.min(this.#nextExpiry, card.expires)
    }
  }

  #drop(agent: AgentId, change: DirectoryChange['change']): void {
    const card = this.#forget(agent)
    if (card !== undefined) this.#tell({ change, card })
  }

  #forget(agent: AgentId): AgentCard | undefined {
    const entry = this.#entries.get(agent)
    if (entry === undefined) return undefined
    const { peer } = parseAgentId(agent)
    this.#entries.delete(agent)
    this.#digests.delete(entry.digest)
    const { agents } = this.#publisher(peer)
    agents.delete(agent)
    if (agents.size === 0) this.#publishers.delete(peer)
    return entry.card
  }

  #tell(change: DirectoryChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}

/** Whether an agent may be asked: a draining or gone one takes nothing new. */
export const isCandidate = (card: AgentCard): boolean => card.state === 'ready' || card.state === 'busy'

/** Two cards of one agent with one sequence are its peer's fault; all directories still keep the same one. */
function supersedes(a: Pick<Entry, 'card' | 'digest'>, b: Pick<Entry, 'card' | 'digest'>): boolean {
  return a.card.seq === b.card.seq ? a.digest > b.digest : a.card.seq > b.card.seq
}

const loses = (a: Publisher, b: Publisher): boolean =>
  a.agents.size === b.agents.size ? a.lot > b.lot : a.agents.size > b.agents.size
