/** A document under a signature: canonical JSON that names its signer, and that one's signature over it. */
import * as z from 'zod/mini'
import { fromBase64url, sha256, utf8 } from './bytes.ts'
import { canonicalBytes, parseCanonical } from './canonical-json.ts'
import { DecodeError } from './errors.ts'
import { bytes } from './field.ts'
import { checked } from './flaw.ts'
import type { PublicKey } from './ids.ts'
import type { Identity, Verify } from './ports.ts'

/** `max`: bytes of the document. */
export const signed = (max: number) => z.object({ body: bytes(max), signature: bytes(64) })
export type Signed = z.infer<ReturnType<typeof signed>>

/** A kind of document: its tag keeps a signature of one kind from passing for another. */
export interface DocumentKind<T> {
  readonly tag: string
  /** With its article, for errors. */
  readonly name: string
  readonly schema: z.ZodMiniType<T>
}

export async function signDocument<T extends { by: PublicKey }>(
  { tag }: DocumentKind<T>,
  document: T,
  identity: Identity,
): Promise<Signed> {
  const body = canonicalBytes(document)
  return { body, signature: await identity.sign(sha256(utf8(tag), body)) }
}

/** The document, if the key in its `by` signed it. Throws DecodeError `bad-message`. */
export function openDocument<T extends { by: PublicKey }>(kind: DocumentKind<T>, signed: Signed, verify: Verify): T {
  const document = checked(kind.schema, parseCanonical(signed.body), kind.name)
  if (!verify(signed.signature, sha256(utf8(kind.tag), signed.body), fromBase64url(document.by)))
    throw new DecodeError('bad-message', `${kind.name} not signed by whom it names`)
  return document
}
