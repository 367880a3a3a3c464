/** Cards and their keys as `index_store` messages: each card once a message, each message within its bounds. */
import { DISCOVERY_LIMITS, type Message, type SignedCard, WIRE_LIMITS } from '@amp-mesh/protocol'

export type IndexStore = Message<'index_store'>

/** `lifeMs`: for copies that are to be forgotten before their cards expire. */
export function storeMessages(
  cardsOf: Iterable<readonly [key: string, cards: readonly SignedCard[]]>,
  lifeMs?: number,
): IndexStore[] {
  const messages: IndexStore[] = []
  let cards = new Map<SignedCard, number>()
  let keys: [string, number[]][] = []
  let bytes = 0
  const flush = () => {
    if (keys.length > 0)
      messages.push({ type: 'index_store', cards: [...cards.keys()], keys, ...(lifeMs !== undefined && { lifeMs }) })
    cards = new Map()
    keys = []
    bytes = 0
  }
  for (const [key, its] of cardsOf) {
    let places: number[] | undefined
    for (const card of its) {
      const isFull = cards.size === WIRE_LIMITS.cardsInStore || bytes + card.body.length > DISCOVERY_LIMITS.storeBytes
      if (isFull && !cards.has(card)) {
        flush()
        places = undefined
      }
      if (places === undefined) {
        if (keys.length === WIRE_LIMITS.keysInStore) flush()
        places = []
        keys.push([key, places])
      }
      if (!cards.has(card)) {
        cards.set(card, cards.size)
        bytes += card.body.length
      }
      places.push(cards.get(card) ?? 0)
    }
  }
  flush()
  return messages
}
