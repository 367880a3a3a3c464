/** Ed25519 signatures on which crypto libraries disagree, as prototypes/ledger/ed_split.mjs found them. */

import { utf8 } from '@amp-mesh/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'

/** A torsion part in R, in the key, and a key of small order that verifies anything; and a sound signature. */
export function torsionVectors(message: Uint8Array = utf8('entry')) {
  const { Point } = ed25519
  const order = Point.Fn.ORDER
  const secret = 123456789012345678901234567890n
  const key = Point.BASE.multiply(secret)
  const torsion = pointOfSmallOrder()
  const sign = (publicPoint: typeof key, inR: boolean) => {
    const nonce = 987654321987654321n
    const R = inR ? Point.BASE.multiply(nonce).add(torsion) : Point.BASE.multiply(nonce)
    const publicKey = publicPoint.toBytes()
    const challenge = littleEndian(sha512(Uint8Array.of(...R.toBytes(), ...publicKey, ...message))) % order
    const S = (nonce + challenge * secret) % order
    return { signature: Uint8Array.of(...R.toBytes(), ...toLittleEndian(S)), publicKey, message }
  }
  const small = Point.ZERO.toBytes()
  return [
    { name: 'sound', ...sign(key, false), sound: true },
    { name: 'torsion in R', ...sign(key, true), sound: false },
    { name: 'torsion in the key', ...sign(key.add(torsion), false), sound: false },
    {
      name: 'key of small order',
      signature: Uint8Array.of(...small, ...new Uint8Array(32)),
      publicKey: small,
      message,
      sound: false,
    },
  ]
}

function pointOfSmallOrder() {
  const { Point } = ed25519
  for (let i = 1; i < 200; i++) {
    try {
      const any = Point.fromBytes(
        Uint8Array.from({ length: 32 }, (_, j) => (j === 0 ? i : j === 31 ? 0x10 : (i * 7 + j) & 255)),
      )
      const torsion = any.multiplyUnsafe(Point.Fn.ORDER - 1n).add(any)
      if (!torsion.double().double().is0()) return torsion
    } catch {
      // not on the curve: try the next
    }
  }
  throw new Error('no point of order 8 found')
}

const littleEndian = (from: Uint8Array) => from.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
const toLittleEndian = (value: bigint) =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
