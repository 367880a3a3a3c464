/** A signed agent card on the wire: canonical JSON bytes and the peer's signature over them. */
import * as z from 'zod/mini'
import { bytes } from './field.ts'
import { WIRE_LIMITS } from './limits.ts'

export const signedCard = z.object({ body: bytes(WIRE_LIMITS.card), signature: bytes(64) })
export type SignedCard = z.infer<typeof signedCard>
