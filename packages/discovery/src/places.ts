/** Who has a place in the directory, and who loses it when there are too many. Decides by ids, interest and a salt. */
import { type AgentId, type PeerId, parseAgentId, sha256, toBase64url, utf8 } from '@amp-mesh/protocol'

export interface PlacesInit {
  /** In all, and of one publisher. */
  cards: number
  cardsPerPeer: number
  /** Known to nobody else: decides which of equally prolific publishers loses a card. */
  salt: Uint8Array
  /** Its own agents never lose their places. */
  self?: PeerId | undefined
}

interface Publisher {
  readonly agents: Set<AgentId>
  /** Those of them that hold a place by interest. */
  interesting: number
  /** Salted hash of its id. */
  readonly lot: string
}

/** A publisher has at most one in so many places by interest; of 10,000 that is more than an honest peer has agents. */
const SHARE = 512

/**
 * One publisher keeps the first `cardsPerPeer` of its agents by id. When all places are taken, half of them belong to
 * the cards of most interest, if any interest at all; over the others whoever holds most loses its last agent by id, of
 * equals the one with the largest lot: a sample nobody can write himself into. Who ends with a place does not depend on
 * the order they came in, unless somebody publishes more than its share and some of that is of interest.
 */
export class Places {
  readonly #init: PlacesInit
  readonly #publishers = new Map<PeerId, Publisher>()
  /** What holds a place by interest, 0..1. */
  readonly #interesting = new Map<AgentId, number>()
  #size = 0

  constructor(init: PlacesInit) {
    this.#init = init
  }

  get bound(): number {
    return this.#init.cards
  }

  /** `interest`: 0..1; 0: none. */
  take(agent: AgentId, interest: number): void {
    const publisher = this.#publisher(agent)
    if (!publisher.agents.has(agent)) this.#size++
    publisher.agents.add(agent)
    this.#setInterest(agent, interest)
    if (publisher.interesting > Math.max(1, this.#init.cards / SHARE))
      this.#setInterest(this.#dullest(publisher.agents), 0)
    if (this.#interesting.size > this.#init.cards / 2) this.#setInterest(this.#dullest(this.#interesting.keys()), 0)
  }

  leave(agent: AgentId): void {
    const { peer } = parseAgentId(agent)
    const publisher = this.#publishers.get(peer)
    if (publisher === undefined || !publisher.agents.has(agent)) return
    this.#setInterest(agent, 0)
    publisher.agents.delete(agent)
    this.#size--
    if (publisher.agents.size === 0) this.#publishers.delete(peer)
  }

  /** Agents of a publisher that have a place, by id. */
  of(peer: PeerId): AgentId[] {
    return [...(this.#publishers.get(peer)?.agents ?? [])].sort()
  }

  /** An agent that would have to go as soon as it came. */
  isBeyondShare(agent: AgentId): boolean {
    const own = this.#publishers.get(agent.slice('amp://'.length, agent.lastIndexOf('/')))?.agents
    return own !== undefined && own.size >= this.#init.cardsPerPeer && agent > (last(own) ?? '')
  }

  /** The agent that must go now that `peer` has published, if one must. */
  surplus(peer: PeerId): AgentId | undefined {
    const { cards, cardsPerPeer, self } = this.#init
    const own = this.#publishers.get(peer)?.agents ?? new Set()
    if (own.size > cardsPerPeer) return last(own)
    if (this.#size <= cards) return undefined
    const others = [...this.#publishers].filter(
      ([id, { agents, interesting }]) => id !== self && agents.size > interesting,
    )
    const loser = others.reduce<[PeerId, Publisher] | undefined>(
      (worst, each) => (worst !== undefined && loses(worst[1], each[1]) ? worst : each),
      undefined,
    )
    return loser && last([...loser[1].agents].filter(agent => !this.#interesting.has(agent)))
  }

  #publisher(agent: AgentId): Publisher {
    const { peer } = parseAgentId(agent)
    const known = this.#publishers.get(peer)
    if (known !== undefined) return known
    const lot = toBase64url(sha256(this.#init.salt, utf8(peer)))
    const publisher: Publisher = { agents: new Set(), interesting: 0, lot }
    this.#publishers.set(peer, publisher)
    return publisher
  }

  #setInterest(agent: AgentId, interest: number): void {
    const publisher = this.#publisher(agent)
    if (this.#interesting.delete(agent)) publisher.interesting--
    if (interest <= 0) return
    this.#interesting.set(agent, interest)
    publisher.interesting++
  }

  /** Of least interest among those that hold a place by it; of equals the last by id. */
  #dullest(agents: Iterable<AgentId>): AgentId {
    let dullest = ''
    let least = Number.POSITIVE_INFINITY
    for (const agent of agents) {
      const interest = this.#interesting.get(agent)
      if (interest === undefined || interest > least || (interest === least && agent < dullest)) continue
      dullest = agent
      least = interest
    }
    return dullest
  }
}

function last(agents: Iterable<AgentId>): AgentId | undefined {
  let last: AgentId | undefined
  for (const agent of agents) if (last === undefined || agent > last) last = agent
  return last
}

/** Whether `a` goes before `b`. */
function loses(a: Publisher, b: Publisher): boolean {
  const [ours, theirs] = [a.agents.size - a.interesting, b.agents.size - b.interesting]
  return ours === theirs ? a.lot > b.lot : ours > theirs
}
