/** Many heads as 256 short digests: two members with a thousand logs find what they differ in without naming each. */
import { equalBytes, fromBase64url, type Head, type LogId, sha256, utf8 } from '@amp-mesh/protocol'

const BUCKETS = 256
const DIGEST = 8

/** Heads by bucket, and the digest of each bucket one after the other; zeros for an empty one. */
export interface Buckets {
  readonly heads: readonly (readonly Head[])[]
  readonly digests: Uint8Array
}

/** A log's bucket is the first byte of its id: a hash, so buckets fill evenly. */
export function bucketsOf(heads: Iterable<readonly [LogId, Head]>): Buckets {
  const filled = Array.from({ length: BUCKETS }, (): [LogId, Head][] => [])
  for (const [id, head] of heads) filled[fromBase64url(id)[0] as number]?.push([id, head])
  const digests = new Uint8Array(BUCKETS * DIGEST)
  for (const [n, bucket] of filled.entries()) {
    if (bucket.length === 0) continue
    bucket.sort(([a], [b]) => (a < b ? -1 : 1))
    const text = bucket.map(([id, { seq, hash, fork = '' }]) => `${id} ${seq} ${hash} ${fork}`).join('\n')
    digests.set(sha256(utf8(text)).subarray(0, DIGEST), n * DIGEST)
  }
  return { heads: filled.map(bucket => bucket.map(([, head]) => head)), digests }
}

/** Heads of the buckets in which somebody with these digests holds something else. */
export function differing({ heads, digests }: Buckets, theirs: Uint8Array): Head[] {
  const at = (bytes: Uint8Array, n: number) => bytes.subarray(n * DIGEST, (n + 1) * DIGEST)
  return heads.flatMap((bucket, n) => (equalBytes(at(digests, n), at(theirs, n)) ? [] : bucket))
}
