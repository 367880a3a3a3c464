/**
 * The portable signature check against OpenSSL (node:crypto) and WebCrypto: one verdict on every input, torsion
 * included.
 */
import { createPrivateKey, createPublicKey, verify as opensslVerify, sign, webcrypto } from 'node:crypto'
import { fromBase64url, identityFromSeed, isSoundKey, utf8, verifyPortable } from '@amp-mesh/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const Point = ed25519.Point
type Point = typeof Point.BASE
const ORDER = Point.Fn.ORDER
const message = utf8('entry')
const secret = 123456789012345678901234567890n
const nonce = 987654321987654321n

const toLittleEndian = (n: bigint) => Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * i)) & 255n))
const fromLittleEndian = (bytes: Uint8Array) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

/** Multiplication that works for points with a torsion part and for the group order, which noble's refuses. */
function times(point: Point, factor: bigint): Point {
  let sum = Point.ZERO
  for (let addend = point, rest = factor; rest > 0n; rest >>= 1n, addend = addend.double())
    if (rest & 1n) sum = sum.add(addend)
  return sum
}

/** A point of order 8: what is left of some curve point after the prime-order part is gone. */
const torsion = (() => {
  for (let y = 2; y < 200; y++) {
    try {
      const rest = times(Point.fromBytes(new Uint8Array(32).fill(y, 0, 1)), ORDER)
      if (!times(rest, 4n).is0()) return rest
    } catch {
      // no point has this y
    }
  }
  throw new Error('no point of order 8 among the first')
})()

/** A signature of `message` made by hand with the given points as nonce commitment and public key. */
function crafted(commitment: Point, publicKey: Point) {
  const [r, a] = [commitment.toBytes(), publicKey.toBytes()]
  const challenge = fromLittleEndian(sha512(Uint8Array.of(...r, ...a, ...message))) % ORDER
  const s = (nonce + challenge * secret) % ORDER
  return { signature: Uint8Array.of(...r, ...toLittleEndian(s)), publicKey: a }
}

const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

function openssl(signature: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' })
    return opensslVerify(null, message, key, signature)
  } catch {
    return false
  }
}

async function web(signature: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  const key = await webcrypto.subtle.importKey('raw', publicKey.slice(), 'Ed25519', true, ['verify'])
  return webcrypto.subtle.verify('Ed25519', key, signature.slice(), message)
}

const R = Point.BASE.multiply(nonce)
const A = Point.BASE.multiply(secret)

describe('[G1.signature] the portable check', () => {
  it('agrees on an honest signature', async () => {
    const { signature, publicKey } = crafted(R, A)
    expect(verifyPortable(signature, message, publicKey)).toBe(true)
    expect(openssl(signature, publicKey)).toBe(true)
    expect(await web(signature, publicKey)).toBe(true)
  })

  it('refuses R with a torsion part, as OpenSSL and WebCrypto do, and noble alone does not', async () => {
    const { signature, publicKey } = crafted(R.add(torsion), A)
    expect(verifyPortable(signature, message, publicKey)).toBe(false)
    expect(openssl(signature, publicKey)).toBe(false)
    expect(await web(signature, publicKey)).toBe(false)
    expect(ed25519.verify(signature, message, publicKey, { zip215: false })).toBe(true)
  })

  it('refuses keys with a torsion part, whatever they sign', () => {
    for (let order = 1n; order < 8n; order++) {
      const { signature, publicKey } = crafted(R, A.add(times(torsion, order)))
      expect(isSoundKey(publicKey)).toBe(false)
      expect(verifyPortable(signature, message, publicKey)).toBe(false)
    }
  })

  it('refuses the eight small-order keys, though noble by default lets one of them verify anything', () => {
    const anything = Uint8Array.of(...Point.ZERO.toBytes(), ...new Uint8Array(32))
    for (let order = 0n; order < 8n; order++) {
      const publicKey = times(torsion, order).toBytes()
      expect(isSoundKey(publicKey)).toBe(false)
      expect(verifyPortable(anything, message, publicKey)).toBe(false)
    }
    expect(ed25519.verify(anything, message, Point.ZERO.toBytes())).toBe(true)
  })

  it('refuses encodings that are not canonical, off the curve or of another length', () => {
    const p = 2n ** 255n - 19n
    const { signature, publicKey } = crafted(R, A)
    expect(isSoundKey(toLittleEndian(p + 1n))).toBe(false)
    expect(isSoundKey(toLittleEndian(2n))).toBe(false)
    expect(isSoundKey(publicKey.subarray(1))).toBe(false)
    expect(verifyPortable(signature.subarray(0, 63), message, publicKey)).toBe(false)
    const s = fromLittleEndian(signature.subarray(32)) + ORDER
    const unreduced = Uint8Array.of(...signature.subarray(0, 32), ...toLittleEndian(s))
    expect(verifyPortable(unreduced, message, publicKey)).toBe(false)
    expect(openssl(unreduced, publicKey)).toBe(false)
  })

  it('gives the verdict of OpenSSL on wounded signatures', () => {
    const identity = identityFromSeed(new Uint8Array(32).fill(9))
    const key = createPrivateKey({ key: Buffer.concat([PKCS8, Buffer.alloc(32, 9)]), format: 'der', type: 'pkcs8' })
    const honest = new Uint8Array(sign(null, message, key))
    const publicKey = fromBase64url(identity.publicKey)
    expect(identity.sign(message)).toEqual(honest)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(63), fc.nat(7)), { maxLength: 3 }), flips => {
        const signature = honest.slice()
        for (const [at, bit] of flips) signature[at] = (signature[at] ?? 0) ^ (1 << bit)
        expect(verifyPortable(signature, message, publicKey)).toBe(openssl(signature, publicKey))
      }),
      { numRuns: 60 },
    )
  })

  it('forgets keys when it knows too many, and still judges alike', () => {
    const { publicKey } = crafted(R, A)
    for (let i = 0; i < 4_200; i++) isSoundKey(Uint8Array.of(i & 255, i >> 8, ...new Uint8Array(29), 128))
    expect(isSoundKey(publicKey)).toBe(true)
  })
})
