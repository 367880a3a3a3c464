/** Messages of the index in the DHT: cards under keys, asked for and stored. Part of the vocabulary. */
import * as z from 'zod/mini'
import { bytes, list, natural, optional, text, words } from './field.ts'
import { WIRE_LIMITS } from './limits.ts'
import { signedCard } from './signed-card.ts'

export const INDEX_MESSAGES = {
  /**
   * Index protocol: "what do you hold under this key that fits?" `key`: a name of key-name.ts; `text`: the request;
   * `vector`: the same in another space than that of the built-in embedder, which then decides.
   */
  index_query: z.object({
    key: words(WIRE_LIMITS.indexKey),
    text: text(WIRE_LIMITS.indexText),
    vector: optional(z.object({ space: text(128), data: bytes(4096) })),
    k: natural,
  }),
  /**
   * The best of a bucket, best first. `size`: cards under the key, an estimate where the bucket is full. `words`: of a
   * sample of the holder's other cards their number, their words together, and for each stem of the request, in order
   * of appearance, how many say it and how many are under it.
   */
  index_cards: z.object({
    size: natural,
    cards: list(signedCard, WIRE_LIMITS.cardsInAnswer),
    words: optional(
      z.object({
        cards: natural,
        words: natural,
        saying: list(natural, WIRE_LIMITS.wordsInAnswer),
        under: list(natural, WIRE_LIMITS.wordsInAnswer),
      }),
    ),
  }),
  /** "Hold these": cards, and under each key the numbers of those that belong there. */
  index_store: z.object({
    cards: list(signedCard, WIRE_LIMITS.cardsInStore),
    keys: list(
      z.tuple([words(WIRE_LIMITS.indexKey), list(natural, WIRE_LIMITS.cardsInStore)]),
      WIRE_LIMITS.keysInStore,
    ),
    lifeMs: optional(natural),
  }),
  /** For each key of the `index_store` the size of its bucket; 0 where nothing was taken. */
  index_stored: z.object({ sizes: list(natural, WIRE_LIMITS.keysInStore) }),
} as const
