/** The space of a whole mesh, where what was found is kept: its genesis, and what an answer in it says. */
import * as z from 'zod'
import type { Json } from './canonical-json.ts'
import type { Genesis } from './genesis.ts'
import { type MeshId, PATTERNS } from './ids.ts'
import { SPACE_LIMITS } from './limits.ts'
import type { MeshFile } from './mesh-file.ts'

/**
 * A function of the mesh alone, so that every peer has the same. Its verifiers are those of the mesh file, else whoever
 * started the mesh; they admit whoever has something to keep.
 */
export function commonsGenesis(mesh: MeshId, { key, verifiers }: MeshFile): Genesis {
  const trusted = verifiers.length > 0 ? [...new Set(verifiers)] : [key]
  return {
    v: 1,
    mesh,
    name: 'commons',
    founder: key,
    verifiers: trusted.map(pub => ({ pub, operator: '', model: '' })),
    open: true,
    policy: { domains: 1 },
    budget: { ms: 0 },
    offerWindowMs: 1,
    limits: SPACE_LIMITS,
    salt: 'A'.repeat(22),
  }
}

const references = z.array(z.string().regex(PATTERNS.recordId)).max(SPACE_LIMITS.array)

const solution = z.object({
  /** Where it was found, and the conclusion there. */
  space: z.string().regex(PATTERNS.hash),
  synthesis: z.string().regex(PATTERNS.recordId),
  /** As the synthesis says it; references are records of that space. */
  content: z.string().max(SPACE_LIMITS.string),
  claims: z.array(z.object({ text: z.string().max(2048), references })).max(SPACE_LIMITS.array),
  /** The agents whose records the claims cite: whose work it rests on. */
  by: z.array(z.string().max(160)).max(SPACE_LIMITS.array),
})
/** The `result` of a `solved` in commons. */
export type Solution = z.infer<typeof solution>

/** Undefined for what is none. */
export const readSolution = (result: Json): Solution | undefined => solution.safeParse(result).data
