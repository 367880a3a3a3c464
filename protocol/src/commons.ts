/** The space of a whole mesh, where what was found is kept: its genesis, and what an answer in it says. */
import * as z from 'zod/mini'
import type { Json } from './canonical-json.ts'
import { hash, list, recordId, text } from './field.ts'
import type { Genesis } from './genesis.ts'
import type { MeshId } from './ids.ts'
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
    name: NAME,
    founder: key,
    verifiers: trusted.map(pub => ({ pub, operator: '', model: '' })),
    open: true,
    policy: { domains: 1 },
    budget: { ms: 0 },
    offerWindowMs: 1,
    limits: SPACE_LIMITS,
    salt: SALT,
  }
}

const NAME = 'commons'
/** 16 zero bytes: there is one commons, so nothing tells it from others. */
const SALT = 'A'.repeat(22)

/** By its looks, for telling it from the spaces of questions. */
export const isCommons = ({ name, salt }: Genesis): boolean => name === NAME && salt === SALT

const solution = z.object({
  /** Where it was found, and the conclusion there. */
  space: hash,
  synthesis: recordId,
  /** As the synthesis says it; references are records of that space. */
  content: text(),
  claims: list(z.object({ text: text(2048), references: list(recordId) })),
  /** The agents whose records the claims cite: whose work it rests on. */
  by: list(text(160)),
})
/** The `result` of a `solved` in commons. */
export type Solution = z.infer<typeof solution>

/** Undefined for what is none. */
export const readSolution = (result: Json): Solution | undefined => solution.safeParse(result).data
