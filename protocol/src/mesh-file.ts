/** The mesh file: what a mesh is. Its id is the hash of its canonical bytes. CONTEXT.md part A. */
import * as z from 'zod/mini'
import { sha256, toBase64url } from './bytes.ts'
import { canonicalBytes, parseCanonical } from './canonical-json.ts'
import { list, optional, publicKey, words } from './field.ts'
import { checked } from './flaw.ts'
import type { MeshId } from './ids.ts'
import { LEDGER_LIMITS } from './limits.ts'

const meshFile = z.object({
  v: z.literal(1),
  name: words(64),
  /** The key of whoever started the mesh; of a closed one, a key of its own, which makes members. */
  key: publicKey,
  /** Only members whom the key certified, over however many others, are let in. */
  closed: optional(z.literal(true)),
  /** Verifiers of the mesh's `commons`. */
  verifiers: list(publicKey, LEDGER_LIMITS.verifiers),
  limits: z.object({}),
})
export type MeshFile = z.infer<typeof meshFile>

export const encodeMeshFile = (file: MeshFile): Uint8Array => canonicalBytes(file)

export const meshIdOf = (bytes: Uint8Array): MeshId => toBase64url(sha256(bytes))

/** Throws DecodeError. */
export function decodeMeshFile(bytes: Uint8Array): MeshFile {
  return checked(meshFile, parseCanonical(bytes), 'a mesh file')
}
