/**
 * A space as a file that anybody can audit: JSON lines, each in canonical JSON. The genesis, the segments as they were
 * signed, every record in the terms of PROV-O, and a digest over all that, signed by the exporting peer. PROTOCOL.md.
 */
import {
  canonicalBytes,
  concat,
  type Identity,
  type Json,
  type PeerId,
  sha256,
  sha256Hasher,
  spaceIdOf,
  toBase64url,
  u48,
  utf8,
  type Verify,
} from '@amp-mesh/protocol'
import { PROVENANCE_CONTEXT, provenanceOf } from './provenance.ts'
import { auditLedger, isSound, logOf, type Part, type SpaceBytes, take } from './space-bytes.ts'

export interface ExportInit {
  identity: Identity
  verify: Verify
  /** When it is made, ms since the epoch. */
  time: number
}

/** Rises when lines of an old reader and a new one could differ. */
const EXPORT_VERSION = 2
export const NEWLINE: Uint8Array = Uint8Array.of(10)

/** The lines of an export in order, each with its newline. What does not count is left out. */
export async function* exportLines(space: SpaceBytes, init: ExportInit): AsyncGenerator<Uint8Array> {
  const { identity, verify, time } = init
  const ledger = auditLedger(space.genesis, verify)
  const digest = sha256Hasher()
  let lines = 0
  const line = (value: Json) => {
    const bytes = concat(canonicalBytes(value), NEWLINE)
    digest.update(bytes)
    lines++
    return bytes
  }
  yield line(headLine(space.genesis, identity.peerId, time))
  const sound = [...space.parts, ...space.proofs].filter(part => isSound(take(ledger, part).outcome))
  const unvouched = new Set(ledger.unvouched().map(({ id }) => id))
  for (const part of sound)
    if (!unvouched.has(logOf(ledger.id, part))) for (const value of linesOfPart(part)) yield line(value)
  for (const node of provenanceOf(ledger)) yield line({ ...node })
  const hash = digest.digest()
  const signature = await identity.sign(signedHash(hash, lines))
  yield concat(canonicalBytes(digestLine(hash, lines, signature)), NEWLINE)
}

export const headLine = (genesis: Uint8Array, by: PeerId, time: number): { [key: string]: Json } => ({
  '@context': { ...PROVENANCE_CONTEXT },
  at: new Date(time).toISOString(),
  by,
  genesis: toBase64url(genesis),
  space: spaceIdOf(genesis),
  type: 'amp-export',
  v: EXPORT_VERSION,
})

/** `live`: records alive before the `checkpoint` that follows, which is the segment that begins with it. */
export type BytesLineType = 'segment' | 'live' | 'checkpoint'

export const bytesLine = (type: BytesLineType, bytes: Uint8Array): Json => ({ bytes: toBase64url(bytes), type })

const linesOfPart = (part: Part): Json[] =>
  part instanceof Uint8Array
    ? [bytesLine('segment', part)]
    : [...part.live.map(bytes => bytesLine('live', bytes)), bytesLine('checkpoint', part.segment)]

export const digestLine = (hash: Uint8Array, lines: number, signature: Uint8Array): Json => ({
  lines,
  sha256: toBase64url(hash),
  signature: toBase64url(signature),
  type: 'digest',
})

/** What the exporting peer signs. `hash`: of all lines before, their newlines included. */
export const signedHash = (hash: Uint8Array, lines: number): Uint8Array => sha256(utf8('amp-export'), u48(lines), hash)
