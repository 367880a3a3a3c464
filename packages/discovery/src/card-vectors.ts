/**
 * The vectors a card brings along: those of its passages, for peers that run the same model and need not run it again.
 * The built-in embedder's are not sent: they are sooner made than carried.
 */
import { type AgentCard, type Embedder, fromBase64url, toBase64url, WIRE_LIMITS } from '@amp-mesh/protocol'
import { LexicalEmbedder } from './lexical-embedder.ts'
import { passagesOf } from './passages.ts'
import { toInt8 } from './vector-rows.ts'

type Described = Pick<AgentCard, 'agent' | 'description' | 'capabilities'>

/** Undefined where they are not worth their room on the card. */
export async function vectorsOf(
  card: Described,
  embedder: Embedder,
  signal?: AbortSignal,
): Promise<AgentCard['vectors']> {
  if (embedder instanceof LexicalEmbedder) return undefined
  const vectors = await embedder.embed(
    passagesOf(card).map(({ text }) => text),
    signal,
  )
  const data = vectors.map(vector => toBase64url(new Uint8Array(toInt8(vector).buffer)))
  const room = WIRE_LIMITS.card / 2
  return data.reduce((sum, row) => sum + row.length, 0) > room ? undefined : { space: embedder.id, data }
}

/** A card's own vectors, if they are of this space and there is one for each passage. */
export function rowsBroughtBy(card: AgentCard, { id, dimensions }: Embedder): Int8Array[] | undefined {
  if (card.vectors?.space !== id || card.vectors.data.length !== passagesOf(card).length) return undefined
  const rows = rowsOf(card.vectors)
  return rows.every(row => row.length === dimensions) ? rows : undefined
}

export const rowsOf = ({ data }: NonNullable<AgentCard['vectors']>): Int8Array[] => data.map(int8Of)

/** Empty for what is not base64url: of no space's length, and like nothing. */
function int8Of(data: string): Int8Array {
  try {
    return new Int8Array(fromBase64url(data))
  } catch {
    return new Int8Array()
  }
}
