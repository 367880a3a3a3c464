/**
 * The key of a peer in a browser: made by WebCrypto so that no script can read it, else (an old browser, a page without
 * TLS) 32 secret bytes in IndexedDB.
 */
import { type Identity, identityFromSeed, peerIdOf, type Random, toBase64url } from '@amp-mesh/protocol'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey, Ed25519PublicKey } from '@libp2p/interface'
import { committed, KEYS, resultOf, writing } from './database.ts'

export interface KeyPair {
  readonly identity: Identity
  /** As libp2p wants it. */
  readonly key: Uint8Array | Ed25519PrivateKey
}

type Stored = Uint8Array | CryptoKeyPair
const NAME = 'peer'
const SEED_BYTES = 32

/** The key pair kept in the database; made at first use. */
export async function keyPairIn(database: IDBDatabase, random: Random): Promise<KeyPair> {
  const known = await read(database)
  return pairOf(known ?? (await keep(database, await made(random))))
}

const read = (database: IDBDatabase): Promise<Stored | undefined> =>
  resultOf(database.transaction(KEYS, 'readonly').objectStore(KEYS).get(NAME))

/** What is kept now: another tab may have been faster, and its key counts. */
async function keep(database: IDBDatabase, fresh: Stored): Promise<Stored> {
  const transaction = writing(database, KEYS)
  const store = transaction.objectStore(KEYS)
  const done = committed(transaction)
  const known: Stored | undefined = await resultOf(store.get(NAME))
  if (known === undefined) store.put(fresh, NAME)
  await done
  return known ?? fresh
}

async function made(random: Random): Promise<Stored> {
  try {
    const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
    return pair as CryptoKeyPair
  } catch {
    return random.bytes(SEED_BYTES)
  }
}

async function pairOf(stored: Stored): Promise<KeyPair> {
  if (stored instanceof Uint8Array) return { identity: identityFromSeed(stored), key: stored }
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', stored.publicKey))
  const sign = async (bytes: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign('Ed25519', stored.privateKey, new Uint8Array(bytes)))
  const publicKey = toBase64url(raw)
  return { identity: { publicKey, peerId: peerIdOf(raw), sign }, key: sealedKey(raw, sign) }
}

/** A libp2p key that signs without having its secret bytes. */
function sealedKey(raw: Uint8Array, sign: (bytes: Uint8Array) => Promise<Uint8Array>): Ed25519PrivateKey {
  const publicKey: Ed25519PublicKey = publicKeyFromRaw(raw) as Ed25519PublicKey
  return {
    type: 'Ed25519',
    raw: new Uint8Array(),
    publicKey,
    equals: (other?: Partial<Ed25519PrivateKey>) => publicKey.equals(other?.publicKey),
    sign: data => sign(data.subarray()),
  }
}
