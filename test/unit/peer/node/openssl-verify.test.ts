/** OpenSSL and the portable verifier agree, also on signatures made to tell libraries apart (ed_split.mjs). */
import { opensslVerify, systemRandom } from '@amp-mesh/peer/node'
import { concat, fromBase64url, identityFromSeed, utf8, verifyPortable } from '@amp-mesh/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'

const Point = ed25519.Point
const L = Point.Fn.ORDER
const message = utf8('entry')
const fromLittleEndian = (bytes: Uint8Array) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
const toLittleEndian = (number: bigint) =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 255n))

/** A point of order 8: any point of the curve times L keeps its torsion part only. */
const torsion = (() => {
  for (let seed = 1; seed < 200; seed++) {
    const bytes = Uint8Array.from({ length: 32 }, (_, j) => (j === 0 ? seed : j === 31 ? 0x10 : seed * 7 + j) & 255)
    try {
      let [sum, power] = [Point.ZERO, Point.fromBytes(bytes)]
      for (let k = L; k > 0n; k >>= 1n) {
        if (k & 1n) sum = sum.add(power)
        power = power.double()
      }
      if (!sum.double().double().is0()) return sum
    } catch {}
  }
  throw new Error('no point of order 8')
})()

const secret = 123456789012345678901234567890n % L
const key = Point.BASE.multiply(secret)

/** A signature by `publicKey` = secret·B (+ torsion), with R = r·B (+ torsion). */
function sign(publicKey: typeof key, addToR: boolean): [signature: Uint8Array, publicKey: Uint8Array] {
  const r = 987654321987654321n
  const R = (addToR ? Point.BASE.multiply(r).add(torsion) : Point.BASE.multiply(r)).toBytes()
  const A = publicKey.toBytes()
  const k = fromLittleEndian(sha512(concat(R, A, message))) % L
  return [concat(R, toLittleEndian((r + k * secret) % L)), A]
}

const identity = Point.ZERO.toBytes()
const nonCanonical = toLittleEndian(2n ** 255n - 19n + 1n)
const [good, goodKey] = sign(key, false)
const highS = concat(good.subarray(0, 32), toLittleEndian(fromLittleEndian(good.subarray(32)) + L))

const VECTORS: [name: string, signature: Uint8Array, publicKey: Uint8Array, verdict: boolean][] = [
  ['an honest one', good, goodKey, true],
  ['R with torsion', ...sign(key, true), false],
  ['key with torsion', ...sign(key.add(torsion), false), false],
  ['key and R with torsion', ...sign(key.add(torsion), true), false],
  ['the identity as key, which signs everything', concat(identity, new Uint8Array(32)), identity, false],
  ['a key of order 8', concat(identity, new Uint8Array(32)), torsion.toBytes(), false],
  ['a key above the field', good, nonCanonical, false],
  ['S above the group order', highS, goodKey, false],
  ['a short signature', good.subarray(0, 63), goodKey, false],
  ['a short key', good, goodKey.subarray(0, 31), false],
  ['nothing', new Uint8Array(), new Uint8Array(), false],
]

describe('opensslVerify', () => {
  const verify = opensslVerify()

  it.each(VECTORS)('on %s says what the portable one says', (_name, signature, publicKey, verdict) => {
    expect(verifyPortable(signature, message, publicKey)).toBe(verdict)
    expect(verify(signature, message, publicKey)).toBe(verdict)
  })

  it('agrees on random keys, and on every damaged byte', async () => {
    const signer = identityFromSeed(systemRandom.bytes(32))
    const publicKey = fromBase64url(signer.publicKey)
    const signature = await signer.sign(message)
    expect(verify(signature, message, publicKey)).toBe(true)
    for (let at = 0; at < 64; at++) {
      const damaged = signature.slice()
      damaged[at] = (damaged[at] ?? 0) ^ 1
      expect(verify(damaged, message, publicKey)).toBe(verifyPortable(damaged, message, publicKey))
      expect(verify(damaged, message, publicKey)).toBe(false)
    }
  })
})
