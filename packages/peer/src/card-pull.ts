/** Anti-entropy of directories: what to ask a neighbour, one by one, until nothing differs; and the answers. */
import type { CardKey, Directory } from '@amp-mesh/discovery'
import { AmpError, type Message, type Random, type SignedCard, WIRE_LIMITS } from '@amp-mesh/protocol'

export interface CardPullInit {
  directory: Directory
  random: Random
}

/** Nodes asked for in one pull: a full directory has 273, and a neighbour that invents differences is not followed. */
const NODES = 1_024

/**
 * The side that asks. It goes down the neighbour's tree of digests where that differs from its own, then fetches the
 * cards it lacks. Where there are more cards than places two directories always differ: then it follows one branch,
 * drawn by lot, and so meets all of the neighbour's cards in time.
 */
export class CardPull {
  readonly #init: CardPullInit
  #under: string[] = ['']
  #keys: CardKey[] = []
  #asked: readonly string[] = []
  #nodes = 0

  constructor(init: CardPullInit) {
    this.#init = init
  }

  /** The next question; undefined when there is none. */
  next(): Message<'cards_want'> | undefined {
    this.#asked = this.#under.splice(0, Math.min(WIRE_LIMITS.cardNodes, NODES - this.#nodes))
    this.#nodes += this.#asked.length
    const keys = this.#asked.length > 0 ? [] : this.#keys.splice(0, WIRE_LIMITS.cardKeys)
    if (this.#asked.length + keys.length === 0) return undefined
    return { type: 'cards_want', under: [...this.#asked], keys }
  }

  /** Takes an answer in; true when it is whole. Throws `bad-message` for what was not asked. */
  heard(message: Message): boolean {
    if (message.type === 'cards') {
      for (const card of message.cards) this.#init.directory.put(card)
      return !message.more
    }
    if (message.type !== 'cards_held') throw new AmpError('bad-message', 'not an answer to cards_want')
    if (message.nodes.some(({ under }) => !this.#asked.includes(under)))
      throw new AmpError('bad-message', 'a node that was not asked for')
    const { under, cards } = this.#init.directory.compare(message.nodes)
    this.#under.push(...this.#followed(under))
    this.#keys.push(...cards)
    return true
  }

  #followed(under: readonly string[]): readonly string[] {
    const { directory, random } = this.#init
    if (!directory.isPartial) return under
    const drawn = under[Math.floor(random.float() * under.length)]
    return drawn === undefined ? [] : [drawn]
  }
}

/** The side that is asked. */
export function answersTo({ under, keys }: Message<'cards_want'>, directory: Directory): Message[] {
  if (under.length > 0) return [{ type: 'cards_held', nodes: under.map(prefix => directory.node(prefix)) }]
  return pagesOf(keys.flatMap(key => directory.signed(key) ?? []))
}

/** In as many messages as it takes, at least one. */
function pagesOf(cards: readonly SignedCard[]): Message<'cards'>[] {
  const pages: Message<'cards'>[] = []
  for (let at = 0; at === 0 || at < cards.length; at += WIRE_LIMITS.cardsPerMessage) {
    const page = cards.slice(at, at + WIRE_LIMITS.cardsPerMessage)
    pages.push({ type: 'cards', cards: page, more: at + page.length < cards.length })
  }
  return pages
}
