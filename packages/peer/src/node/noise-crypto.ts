/** What noise enciphers with on Node: OpenSSL, told each key once. */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import type { ICryptoInterface } from '@libp2p/noise'
import { defaultCrypto } from '@libp2p/noise/crypto'

const CIPHER = 'chacha20-poly1305'
const TAG = 16
/** Below this many bytes libp2p's WebAssembly is faster than a call of OpenSSL. */
const SHORT = 1_200

/**
 * libp2p's own hands over the key's bytes with each message, and to import them takes as long as 30 KiB to encipher.
 * What is written and read is the same.
 */
export const noiseCrypto: ICryptoInterface = {
  ...defaultCrypto,
  chaCha20Poly1305Encrypt(plaintext, nonce, ad, k) {
    if (plaintext.byteLength < SHORT) return defaultCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, ad, k)
    const cipher = createCipheriv(CIPHER, keyObjectOf(k), nonce, { authTagLength: TAG })
    cipher.setAAD(ad, { plaintextLength: plaintext.byteLength })
    const pieces = plaintext instanceof Uint8Array ? [plaintext] : [...plaintext]
    const enciphered = pieces.map(piece => cipher.update(piece))
    return Buffer.concat([...enciphered, cipher.final(), cipher.getAuthTag()])
  },
  chaCha20Poly1305Decrypt(ciphertext, nonce, ad, k, into) {
    const length = ciphertext.byteLength - TAG
    if (length < SHORT) return defaultCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, k, into)
    const decipher = createDecipheriv(CIPHER, keyObjectOf(k), nonce, { authTagLength: TAG })
    decipher.setAAD(ad, { plaintextLength: length })
    decipher.setAuthTag(ciphertext.subarray(length))
    const plaintext = decipher.update(ciphertext.subarray(0, length))
    decipher.final() // throws when the tag is another one; a stream cipher keeps no bytes back for it
    return plaintext
  },
}

const known = new WeakMap<Uint8Array, KeyObject>()

function keyObjectOf(k: Uint8Array): KeyObject {
  const key = known.get(k) ?? createSecretKey(k)
  known.set(k, key)
  return key
}
