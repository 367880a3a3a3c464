/** The key of a peer on disk: 32 secret bytes in a file only its owner can read. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { chmod, link, open, readFile, rm } from 'node:fs/promises'
import { AmpError, concat, fromBase64url, type Identity, peerIdOf, type Random, toBase64url } from '@amp-mesh/protocol'

const SEED_BYTES = 32
/** DER of an Ed25519 private key up to its seed (RFC 8410). */
const PKCS8_PREFIX = Uint8Array.from(Buffer.from('302e020100300506032b657004220420', 'hex'))

/** The seed in `file`; a new one is made when there is no file. Rejects with `damaged-store`. */
export async function seedFromFile(file: string, random: Random): Promise<Uint8Array> {
  const known = await knownSeed(file)
  if (known !== undefined) return known
  await writeSeed(file, random.bytes(SEED_BYTES), `${file}.${toBase64url(random.bytes(6))}`)
  const seed = await knownSeed(file) // another process may have been faster: its seed counts
  if (seed === undefined) throw damaged(file)
  return seed
}

/** That of `identityFromSeed`, signing with OpenSSL. */
export function identityOf(seed: Uint8Array): Identity {
  const key = createPrivateKey({ key: Buffer.from(concat(PKCS8_PREFIX, seed)), format: 'der', type: 'pkcs8' })
  const raw = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32))
  return { publicKey: toBase64url(raw), peerId: peerIdOf(raw), sign: bytes => new Uint8Array(sign(null, bytes, key)) }
}

/** The seed in `file`; undefined when there is none. Rejects with `damaged-store`. */
export async function knownSeed(file: string): Promise<Uint8Array | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  await chmod(file, 0o600)
  try {
    const seed = fromBase64url(text.trim())
    if (seed.length === SEED_BYTES) return seed
  } catch {}
  throw damaged(file)
}

/** Whole or not at all: written and synced beside, then linked to its name, which fails when the name is taken. */
async function writeSeed(file: string, seed: Uint8Array, draft: string): Promise<void> {
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${toBase64url(seed)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
}

const damaged = (file: string) =>
  new AmpError('damaged-store', `${file} is not a key file; restore it, or delete it to get a new identity`)
