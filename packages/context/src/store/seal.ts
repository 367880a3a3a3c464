/** What a value on disk carries so that damage shows: a hash over its key and itself. Level itself loses and alters. */
import { concat, equalBytes, type Hash, utf8 } from '@amp-mesh/protocol'

/** Bytes of the hash: enough against chance; who can write to the disk can do worse. */
const SEAL = 16

export const sealed = (key: string, value: Uint8Array, hash: Hash): Uint8Array =>
  concat(sealOf(key, value, hash), value)

/** The value that was sealed under this key; undefined when either is not what it was. */
export function unsealed(key: string, bytes: Uint8Array, hash: Hash): Uint8Array | undefined {
  const value = bytes.subarray(SEAL)
  return bytes.length >= SEAL && equalBytes(bytes.subarray(0, SEAL), sealOf(key, value, hash)) ? value : undefined
}

function sealOf(key: string, value: Uint8Array, hash: Hash): Uint8Array {
  const digest = new Uint8Array(32)
  hash(concat(utf8(key), value), digest, 0)
  return digest.subarray(0, SEAL)
}
