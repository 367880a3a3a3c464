/** The genesis of a space: canonical JSON that never changes; its hash is the space's id. CONTEXT.md part A. */
import * as z from 'zod'
import { canonicalBytes, parseCanonical } from './canonical-json.ts'
import { DecodeError } from './errors.ts'
import { PATTERNS } from './ids.ts'
import { LEDGER_LIMITS } from './limits.ts'

const natural = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const publicKey = z.string().regex(PATTERNS.publicKey)
/** Hard ceilings for limits a stranger writes into a genesis: ours must hold whatever it says. */
const limit = (ceiling: number) => z.number().int().min(1).max(ceiling)

const verifier = z.object({ pub: publicKey, operator: z.string().max(128), model: z.string().max(128) })

const genesis = z.object({
  v: z.literal(1),
  mesh: z.string().regex(PATTERNS.hash),
  name: z.string().max(256),
  founder: publicKey,
  /** The only ones who count in quorums and acks; distinct keys. */
  verifiers: z
    .array(verifier)
    .min(1)
    .max(LEDGER_LIMITS.verifiers)
    .refine(list => new Set(list.map(v => v.pub)).size === list.length, { error: 'verifiers repeat' }),
  /** Open: verifiers, and whom they admit, may write. Closed: verifiers and `writers`. */
  open: z.boolean(),
  writers: z.array(publicKey).max(256).optional(),
  policy: z.object({ domains: z.number().int().min(1).max(7) }),
  budget: z.object({ ms: natural, tokens: natural.optional(), messages: natural.optional() }),
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
  salt: z.string().regex(PATTERNS.logId),
})
export type Genesis = z.infer<typeof genesis>

export const encodeGenesis = (value: Genesis): Uint8Array => canonicalBytes(value)

/** Throws DecodeError. Extra fields are kept out of the result, but count for the id. */
export function decodeGenesis(bytes: Uint8Array): Genesis {
  const read = genesis.safeParse(parseCanonical(bytes))
  if (!read.success) throw new DecodeError('bad-message', 'not a genesis', z.prettifyError(read.error))
  return read.data
}
