/** Names of things: peers, agents, spaces, logs, records. All are derived, none is chosen, so none can be taken. */
import { base58btc } from 'multiformats/bases/base58'
import { concat, fromBase64url, sha256, toBase64url, utf8 } from './bytes.ts'
import { AmpError } from './errors.ts'

/** libp2p PeerId of an Ed25519 key, base58btc: `12D3KooW…`, 52 characters. */
export type PeerId = string
/** An Ed25519 public key, base64url: 43 characters. The author of records. */
export type PublicKey = string
/** `amp://<PeerId>/<agent name>`. */
export type AgentId = string
/** base64url of the SHA-256 of a genesis' bytes: 43 characters. */
export type SpaceId = string
/** base64url of the SHA-256 of a mesh file's canonical bytes: 43 characters. */
export type MeshId = string
/** One author's log in a space, 22 characters: see {@link logIdOf}. */
export type LogId = string
/** One op of one entry, 32 characters: see {@link recordIdOf}. */
export type RecordId = string

/** base64url of 32, 16 and 24 bytes; the last character has no bits to spare, so that one value has one text. */
export const PATTERNS = {
  peerId: /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/,
  publicKey: /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/,
  hash: /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/,
  logId: /^[A-Za-z0-9_-]{21}[AQgw]$/,
  recordId: /^[A-Za-z0-9_-]{32}$/,
  messageId: /^[A-Za-z0-9_-]{1,64}$/,
  agentName: /^[a-z0-9][a-z0-9-]{0,63}$/,
  agentId: /^amp:\/\/12D3KooW[1-9A-HJ-NP-Za-km-z]{44}\/[a-z0-9][a-z0-9-]{0,63}$/,
} as const

// identity multihash of the protobuf {type: Ed25519, data: 32 bytes} (libp2p peer-id spec)
const PEER_ID_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)

export function peerIdOf(key: PublicKey | Uint8Array): PeerId {
  const raw = typeof key === 'string' ? fromBase64url(key) : key
  if (raw.length !== 32) throw new AmpError('bad-input', 'an Ed25519 public key has 32 bytes')
  return base58btc.baseEncode(concat(PEER_ID_PREFIX, raw))
}

export function publicKeyOf(peer: PeerId): PublicKey {
  const raw = PATTERNS.peerId.test(peer) ? base58btc.baseDecode(peer).subarray(PEER_ID_PREFIX.length) : new Uint8Array()
  // the pattern leaves bits of the prefix open: only what encodes back is a PeerId
  if (raw.length !== 32 || peerIdOf(raw) !== peer)
    throw new AmpError('bad-input', `not the PeerId of an Ed25519 key: ${peer.slice(0, 80)}`)
  return toBase64url(raw)
}

/** The bytes of a PeerId, a multihash: what kad-dht hashes to a peer's place. */
export const peerIdBytes = (peer: PeerId): Uint8Array => concat(PEER_ID_PREFIX, fromBase64url(publicKeyOf(peer)))

export const agentIdOf = (peer: PeerId, name: string): AgentId => `amp://${peer}/${name}`

export function parseAgentId(id: AgentId): { peer: PeerId; name: string } {
  const [, peer, name] = /^amp:\/\/([^/]+)\/([^/]+)$/.exec(id) ?? []
  if (peer === undefined || name === undefined || !PATTERNS.peerId.test(peer) || !PATTERNS.agentName.test(name))
    throw new AmpError('bad-input', `not an agent id: ${id.slice(0, 120)}`)
  return { peer, name }
}

export const spaceIdOf = (genesis: Uint8Array): SpaceId => toBase64url(sha256(genesis))

/** The first 12 characters of a mesh id: what stands in protocol ids and topics. */
export const meshLabel = (mesh: MeshId): string => mesh.slice(0, 12)

/**
 * logId = b64u(sha("log" ‖ space ‖ pub ‖ u48 epoch)[0..16]): CONTEXT.md §3 with the space's 32 bytes before the key, so
 * that a record's id, which is made of its log's, names one record among all spaces.
 */
export function logIdOf(space: SpaceId, pub: Uint8Array, epoch: number): LogId {
  return toBase64url(sha256(utf8('log'), fromBase64url(space), pub, u48(epoch)).subarray(0, 16))
}

/** recordId = b64u(sha(ascii logId ‖ u48 n ‖ leaf)[0..24]), n = number of the op in its log, CONTEXT.md §3. */
export function recordIdOf(log: LogId, n: number, leaf: Uint8Array): RecordId {
  return toBase64url(sha256(utf8(log), u48(n), leaf).subarray(0, 24))
}

/** Big-endian 48-bit unsigned integer. */
export function u48(value: number): Uint8Array {
  const high = Math.floor(value / 2 ** 32)
  return Uint8Array.of(high >>> 8, high, value >>> 24, value >>> 16, value >>> 8, value)
}
