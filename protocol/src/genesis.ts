/** The genesis of a space: canonical JSON that never changes; its hash is the space's id. CONTEXT.md part A. */
import * as z from 'zod/mini'
import { canonicalBytes, parseCanonical } from './canonical-json.ts'
import { hash, integer, list, logId, natural, optional, publicKey, text } from './field.ts'
import { checked } from './flaw.ts'
import { LEDGER_LIMITS } from './limits.ts'

/** Hard ceilings for limits a stranger writes into a genesis: ours must hold whatever it says. */
const limit = (ceiling: number) => integer(1, ceiling)

const verifier = z.object({ pub: publicKey, operator: text(128), model: text(128) })

const genesis = z.object({
  v: z.literal(1),
  mesh: hash,
  name: text(256),
  founder: publicKey,
  /** The only ones who count in quorums and acks; distinct keys. */
  verifiers: list(verifier, LEDGER_LIMITS.verifiers).check(
    z.minLength(1),
    z.refine(some => new Set(some.map(v => v.pub)).size === some.length, 'verifiers repeat'),
  ),
  /** Open: verifiers, and whom they admit, may write. Closed: verifiers and `writers`. */
  open: z.boolean(),
  writers: optional(list(publicKey, 256)),
  policy: z.object({ domains: integer(1, 7) }),
  budget: z.object({ ms: natural, tokens: optional(natural), messages: optional(natural) }),
  offerWindowMs: limit(60_000),
  limits: z.object({
    op: limit(65_536),
    opsPerEntry: limit(1_024),
    entry: limit(1_048_576),
    depth: limit(16),
    string: limit(65_536),
    array: limit(1_024),
    keys: limit(256),
    skewMs: limit(3_600_000),
    epochsPerAuthor: limit(16),
    quota: limit(64 * 1024 * 1024),
  }),
  salt: logId,
})
export type Genesis = z.infer<typeof genesis>

export const encodeGenesis = (value: Genesis): Uint8Array => canonicalBytes(value)

/** Throws DecodeError. Extra fields are kept out of the result, but count for the id. */
export function decodeGenesis(bytes: Uint8Array): Genesis {
  return checked(genesis, parseCanonical(bytes), 'a genesis')
}
