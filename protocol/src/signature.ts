/** Signatures: the portable Ed25519 check that agrees with OpenSSL and WebCrypto, and keys made from a seed. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { toBase64url } from './bytes.ts'
import { peerIdOf } from './ids.ts'
import type { Identity, Verify } from './ports.ts'

const Point = ed25519.Point
const knownKeys = new Map<string, boolean>()
const KNOWN_KEYS = 4_096

/** A key that may write: canonical encoding, on the curve, in the prime-order group, not the identity. */
export function isSoundKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return false
  const name = toBase64url(publicKey)
  let sound = knownKeys.get(name)
  if (sound === undefined) {
    if (knownKeys.size >= KNOWN_KEYS) knownKeys.clear()
    const point = pointOf(publicKey)
    sound = point !== undefined && !point.is0()
    knownKeys.set(name, sound)
  }
  return sound
}

/**
 * Ed25519 on @noble/curves, made cofactorless: noble accepts signatures with a torsion part in R that OpenSSL and
 * WebCrypto refuse (prototypes/ledger/ed_split.mjs), so R must be a canonical prime-order point too.
 */
export const verifyPortable: Verify = (signature, bytes, publicKey) => {
  if (signature.length !== 64 || !isSoundKey(publicKey) || pointOf(signature.subarray(0, 32)) === undefined)
    return false
  try {
    return ed25519.verify(signature, bytes, publicKey, { zip215: false })
  } catch {
    return false
  }
}

/** An identity whose private half is in memory. `seed`: 32 secret bytes. */
export function identityFromSeed(seed: Uint8Array): Identity {
  const raw = ed25519.getPublicKey(seed)
  const publicKey = toBase64url(raw)
  return { publicKey, peerId: peerIdOf(raw), sign: bytes => ed25519.sign(bytes, seed) }
}

/** The point of a canonical encoding without torsion part, else nothing. */
function pointOf(bytes: Uint8Array) {
  try {
    const point = Point.fromBytes(bytes)
    return point.isTorsionFree() ? point : undefined
  } catch {
    return undefined
  }
}
