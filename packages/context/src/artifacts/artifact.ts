/** Contents too large for a record: cut into chunks, and described by a signed record that names every chunk's hash. */
import {
  AmpError,
  ARTIFACT_LIMITS,
  digestOf,
  fromBase64url,
  type Hash,
  type Op,
  sha256,
  toBase64url,
  u48,
} from '@amp-mesh/protocol'

export interface Parcel {
  readonly op: Op<'artifact'>
  readonly chunks: readonly Uint8Array[]
}

/** Throws `bad-input` for no bytes, `too-large` above 16 MiB. */
export function parcelOf(name: string, mediaType: string, bytes: Uint8Array, hash: Hash): Parcel {
  const { chunk, chunks: most } = ARTIFACT_LIMITS
  if (bytes.length === 0) throw new AmpError('bad-input', 'an artifact has at least one byte')
  if (bytes.length > chunk * most)
    throw new AmpError('too-large', `an artifact has at most ${chunk * most} bytes; put larger contents into several`)
  const count = Math.ceil(bytes.length / chunk)
  const chunks = Array.from({ length: count }, (_, n) => bytes.slice(n * chunk, (n + 1) * chunk))
  const hashes = chunks.map(each => toBase64url(digestOf(each, hash)))
  const op = {
    k: 'artifact',
    name,
    mediaType,
    bytes: bytes.length,
    sha256: toBase64url(digestOf(bytes, hash)),
  } as const
  return { op: count === 1 ? op : { ...op, chunks: hashes }, chunks }
}

/** Hash of each chunk, in order; of a single chunk it is that of the whole. */
export const chunkHashes = (op: Op<'artifact'>): readonly string[] => op.chunks ?? [op.sha256]

/**
 * What is asked for: one name for one list of chunks. The hash of the whole alone would let a second record, with the
 * same hash and false chunks, make honest holders look like liars.
 */
export function contentOf(op: Op<'artifact'>): string {
  const known = contents.get(op)
  if (known !== undefined) return known
  const parts = [op.sha256, ...(op.chunks ?? [])].map(fromBase64url)
  const content = toBase64url(sha256(u48(op.bytes), ...parts))
  contents.set(op, content)
  return content
}

const contents = new WeakMap<Op<'artifact'>, string>()

/** Bytes of chunk n: all are full but the last. */
const chunkLength = ({ bytes }: Op<'artifact'>, n: number): number =>
  Math.min(ARTIFACT_LIMITS.chunk, bytes - n * ARTIFACT_LIMITS.chunk)

/** False for a record whose numbers contradict each other: nobody can have its bytes. */
export const isConsistent = (op: Op<'artifact'>): boolean =>
  op.bytes > 0 && chunkHashes(op).length === Math.ceil(op.bytes / ARTIFACT_LIMITS.chunk)

/** True for the chunk that the record's author signed for. */
export const isChunk = (op: Op<'artifact'>, n: number, bytes: Uint8Array, hash: Hash): boolean =>
  bytes.length === chunkLength(op, n) && toBase64url(digestOf(bytes, hash)) === chunkHashes(op)[n]
