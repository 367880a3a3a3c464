/** Messages of directories: how one holds its cards in short, and the cards. Part of the vocabulary. */
import * as z from 'zod/mini'
import { bytes, bytesOf, list, optional, text, textOf } from './field.ts'
import { WIRE_LIMITS } from './limits.ts'
import { signedCard } from './signed-card.ts'

export const CARD_MESSAGES = {
  /**
   * Card protocol, one question: how do you hold the cards whose keys begin so (hex)? Or else: send me these, by their
   * keys.
   */
  cards_want: z.object({
    under: list(text(16), WIRE_LIMITS.cardNodes),
    keys: list(textOf(16), WIRE_LIMITS.cardKeys),
  }),
  /** For each prefix: 8 bytes of digest of each of its 16 parts; or key(8) and sequence(6) of each card, if few. */
  cards_held: z.object({
    nodes: list(
      z.object({
        under: text(16),
        digests: optional(bytesOf(128)),
        held: optional(bytes(14 * WIRE_LIMITS.cardsInNode)),
      }),
      WIRE_LIMITS.cardNodes,
    ),
  }),
  cards: z.object({ cards: list(signedCard, WIRE_LIMITS.cardsPerMessage), more: z.boolean() }),
} as const
