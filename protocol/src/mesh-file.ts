/** The mesh file: what a mesh is. Its id is the hash of its canonical bytes. CONTEXT.md part A. */
import * as z from 'zod'
import { sha256, toBase64url } from './bytes.ts'
import { canonicalBytes, parseCanonical } from './canonical-json.ts'
import { DecodeError } from './errors.ts'
import { type MeshId, PATTERNS } from './ids.ts'
import { LEDGER_LIMITS } from './limits.ts'

const publicKey = z.string().regex(PATTERNS.publicKey)

const meshFile = z.object({
  v: z.literal(1),
  name: z.string().min(1).max(64),
  /** The key of whoever started the mesh; invitations will be signed by it. */
  key: publicKey,
  /** Verifiers of the mesh's `commons`. */
  verifiers: z.array(publicKey).max(LEDGER_LIMITS.verifiers),
  limits: z.object({}),
})
export type MeshFile = z.infer<typeof meshFile>

export const encodeMeshFile = (file: MeshFile): Uint8Array => canonicalBytes(file)

export const meshIdOf = (bytes: Uint8Array): MeshId => toBase64url(sha256(bytes))

/** Throws DecodeError. */
export function decodeMeshFile(bytes: Uint8Array): MeshFile {
  const read = meshFile.safeParse(parseCanonical(bytes))
  if (!read.success) throw new DecodeError('bad-message', 'not a mesh file', z.prettifyError(read.error))
  return read.data
}
