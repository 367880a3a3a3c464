/**
 * The directory: this peer's table of signed, expiring cards. Which cards it holds does not depend on the order they
 * came in.
 */
import {
  type AgentCard,
  type AgentId,
  type Cancel,
  type Clock,
  type MeshId,
  PEER_LIMITS,
  type PeerId,
  parseAgentId,
  putLatest,
  type SignedCard,
  type Verify,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { CardDigests, type CardKey, type CardNode, cardKey } from './card-digests.ts'
import { Places } from './places.ts'
import { cardDigest, isFromFuture, soundCard } from './sound-card.ts'

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

export interface DirectoryInit {
  mesh: MeshId
  verify: Verify
  clock: Clock
  /** Known to nobody else: decides which of equally prolific publishers loses a card when the table is full. */
  salt?: Uint8Array
  cards?: number
  cardsPerPeer?: number
  /** Whose cards never lose their places: this very peer's. */
  self?: PeerId
  /** How much a card matters here, 0..1; of more cards than there are places those of interest stay. */
  interestIn?(card: AgentCard): number
}

interface Entry {
  readonly card: AgentCard
  readonly signed: SignedCard
  readonly digest: string
}

/** The agent of a card in canonical JSON: quotes within strings have a backslash before them. */
const AGENT = /"agent":"(amp:\/\/[^"/]+\/[^"/]+)"/
const latin1 = new TextDecoder('latin1')

/** Holds for each agent the valid card with the highest sequence, of those that have a place (see {@link Places}). */
export class Directory {
  readonly #init: DirectoryInit
  readonly #places: Places
  readonly #entries = new Map<AgentId, Entry>()
  /** The cards held, by digest: a repetition costs a hash, not a signature check. */
  readonly #known = new Map<string, AgentCard>()
  readonly #digests = new CardDigests()
  readonly #agents = new Map<CardKey, AgentId>()
  /** Cards that had no place here, by their sequence: not wanted again. The oldest go. */
  readonly #letGo = new Map<CardKey, number>()
  readonly #listeners = new Set<(change: DirectoryChange) => void>()
  #nextExpiry = Number.POSITIVE_INFINITY

  constructor(init: DirectoryInit) {
    this.#init = init
    const { salt = new Uint8Array(), cards = PEER_LIMITS.cards, cardsPerPeer = PEER_LIMITS.cardsPerPeer, self } = init
    this.#places = new Places({ salt, cards, cardsPerPeer, self })
  }

  /** The one door for cards: opens, checks and files it. */
  put(signed: SignedCard): PutResult {
    this.#expire()
    if (this.#isBeyondItsShare(signed.body)) return 'full'
    const digest = cardDigest(signed)
    if (this.#known.has(digest)) return 'old'
    const card = soundCard(signed, this.#init.mesh, this.#init.verify)
    if (card === undefined) return 'refused'
    const now = this.#init.clock.now()
    if (card.expires <= now || isFromFuture(card, now)) return 'old'
    const known = this.#entries.get(card.agent)
    if (known !== undefined && !supersedes({ card, digest }, known)) return 'old'
    return this.#file({ card, signed, digest }, known)
  }

  get(agent: AgentId): AgentCard | undefined {
    this.#expire()
    return this.#entries.get(agent)?.card
  }

  /** The card with this digest, where it is held: it was opened and found sound. */
  opened(digest: string): AgentCard | undefined {
    return this.#known.get(digest)
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
    for (const agent of this.#places.of(peer)) this.#drop(agent, 'removed')
  }

  /** What is held here, in short, for who asks: of all cards whose key begins with `under`. */
  node(under: string): CardNode {
    this.#expire()
    return this.#digests.node(under)
  }

  /** What to ask next of somebody who answered so: parts that differ, and cards that are lacking here or older. */
  compare(nodes: readonly CardNode[]): { under: string[]; cards: CardKey[] } {
    this.#expire()
    const { under, cards } = this.#digests.compare(nodes)
    return { under, cards: cards.filter(({ key, seq }) => (this.#letGo.get(key) ?? -1) < seq).map(({ key }) => key) }
  }

  signed(key: CardKey): SignedCard | undefined {
    this.#expire()
    const agent = this.#agents.get(key)
    return agent === undefined ? undefined : this.#entries.get(agent)?.signed
  }

  /** All places are taken: there may be more cards in the mesh, and others hold other ones. */
  get isPartial(): boolean {
    return this.size >= this.#places.bound
  }

  /** Calls `listener` for each change, after it. Expiry shows when the directory is next used. */
  subscribe(listener: (change: DirectoryChange) => void): Cancel {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Its publisher has all the places it can have, by the agent the card names before anything is checked: a flood of
   * names costs no signature checks. Who names another agent than its own is the only one to lose by it.
   */
  #isBeyondItsShare(body: Uint8Array): boolean {
    const [, agent] = (body.length <= WIRE_LIMITS.card && AGENT.exec(latin1.decode(body))) || []
    return agent !== undefined && !this.#entries.has(agent) && this.#places.isBeyondShare(agent)
  }

  #file(entry: Entry, known: Entry | undefined): PutResult {
    const { card } = entry
    if (known !== undefined) this.#known.delete(known.digest)
    this.#entries.set(card.agent, entry)
    this.#known.set(entry.digest, card)
    this.#digests.set(card.agent, card.seq)
    this.#agents.set(cardKey(card.agent), card.agent)
    this.#nextExpiry = Math.min(this.#nextExpiry, card.expires)
    this.#places.take(card.agent, this.#init.interestIn?.(card) ?? 0)
    const surplus = this.#places.surplus(parseAgentId(card.agent).peer)
    if (surplus !== undefined) this.#letGoOf(surplus)
    if (surplus === card.agent && known === undefined) this.#forget(surplus)
    else if (surplus !== undefined) this.#drop(surplus, 'evicted')
    if (surplus === card.agent) return 'full'
    const change = known === undefined ? 'new' : 'newer'
    this.#tell({ change, card })
    return change
  }

  #letGoOf(agent: AgentId): void {
    const seq = this.#entries.get(agent)?.card.seq ?? 0
    const key = cardKey(agent)
    putLatest(this.#letGo, key, seq, PEER_LIMITS.cardsLetGo)
  }

  #entriesOf(peer: PeerId): Entry[] {
    this.#expire()
    return this.#places.of(peer).flatMap(agent => this.#entries.get(agent) ?? [])
  }

  #expire(): void {
    const now = this.#init.clock.now()
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
    this.#entries.delete(agent)
    this.#known.delete(entry.digest)
    this.#digests.delete(agent)
    this.#agents.delete(cardKey(agent))
    this.#places.leave(agent)
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
