/** Our cipher of noise beside libp2p's own: what one writes the other reads, and nothing that was touched. */
import { defaultCrypto, pureJsCrypto } from '@libp2p/noise/crypto'
import { expect, it } from 'vitest'
import { noiseCrypto } from '../../../../packages/peer/src/node/noise-crypto.ts'

const [key, nonce, data] = [32, 12, 0].map((length, n) => new Uint8Array(length).fill(n + 1)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]
const plaintextOf = (length: number) => Uint8Array.from({ length }, (_, n) => n)

it.each([0, 40, 1_199, 1_200, 65_519])('enciphers %i bytes as others do, and reads what they write', length => {
  const plaintext = plaintextOf(length)
  const theirs = pureJsCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, data, key).subarray()
  const ours = noiseCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, data, key).subarray()
  expect(Buffer.from(ours).equals(theirs)).toBe(true)
  for (const crypto of [noiseCrypto, defaultCrypto]) {
    const read = crypto.chaCha20Poly1305Decrypt(ours, nonce, data, key).subarray()
    expect(Buffer.from(read).equals(plaintext)).toBe(true)
  }
})

it.each([40, 5_000])('refuses %i bytes of which one was touched, and those of another key', length => {
  const ciphertext = noiseCrypto.chaCha20Poly1305Encrypt(plaintextOf(length), nonce, data, key).subarray()
  for (const at of [0, length - 1, length, length + 15]) {
    const touched = ciphertext.map((byte, n) => (n === at ? byte ^ 1 : byte))
    expect(() => noiseCrypto.chaCha20Poly1305Decrypt(touched, nonce, data, key)).toThrow()
  }
  expect(() =>
    noiseCrypto.chaCha20Poly1305Decrypt(
      ciphertext,
      nonce,
      data,
      key.map(byte => byte ^ 1),
    ),
  ).toThrow()
})
