/**
 * What the world gives us, as interfaces: network, clock, random, storage, embedder, model … are handed in, never
 * taken.
 */
import type { PeerId, PublicKey } from './ids.ts'

export type Cancel = () => void

/** Time. Production hands in the system's, tests a simulated one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `action` once, `ms` from now, unless cancelled. Never keeps a process alive. */
  after(ms: number, action: () => void): Cancel
}

export interface Random {
  bytes(length: number): Uint8Array
  /** Uniform in [0, 1). */
  float(): number
}

export type Fields = Readonly<Record<string, string | number | boolean | undefined>>
export interface Logger {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
}

export interface Metrics {
  count(name: string, by?: number, labels?: Readonly<Record<string, string>>): void
  observe(name: string, value: number, labels?: Readonly<Record<string, string>>): void
}

/** An Ed25519 key pair whose private half may not be readable. */
export interface Identity {
  readonly publicKey: PublicKey
  readonly peerId: PeerId
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/**
 * Cofactorless Ed25519 verification of a signature by a canonical, torsion-free key (CONTEXT.md §5 R6b). Every backend
 * gives the same verdict on every input; `false` for malformed ones, never a throw.
 */
export type Verify = (signature: Uint8Array, bytes: Uint8Array, publicKey: Uint8Array) => boolean

export type StorageOp = { put: string; value: Uint8Array } | { del: string }

/** An ordered key-value store. Keys are text and sort by UTF-16 code units. */
export interface Storage {
  /**
   * How often the store was damaged and repaired; 0 for one that never was. What somebody noted in an earlier life of
   * how far they had come is no longer to be relied on: the note, or what it speaks of, may be an old one.
   */
  readonly life: number
  get(key: string): Promise<Uint8Array | undefined>
  /** All or nothing. Resolves when the operations survive a kill -9 and a power cut (fsync). */
  write(ops: readonly StorageOp[]): Promise<void>
  /** Pairs with `from <= key < to`, in order. */
  range(from: string, to: string): AsyncIterable<[key: string, value: Uint8Array]>
  close(): Promise<void>
}

/** Text to unit vectors. `id` names the vector space: vectors of two spaces are never compared. */
export interface Embedder {
  readonly id: string
  readonly dimensions: number
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>
}

export interface ModelRequest {
  system?: string
  messages: readonly { role: 'user' | 'assistant'; content: string }[]
  maxTokens?: number
  temperature?: number
  /** Ask for a JSON object. */
  json?: boolean
}
export interface ModelAnswer {
  text: string
  usage?: { input: number; output: number }
}

/** A language model. Rejects with AmpError `model-failed` whatever went wrong, never later than its deadline. */
export interface Model {
  readonly id: string
  complete(request: ModelRequest, signal?: AbortSignal): Promise<ModelAnswer>
}

/** A bidirectional byte stream to one peer. Chunk borders mean nothing. */
export interface Stream {
  readonly peer: PeerId
  /** False when the buffer is full: await `drained` before sending more. Throws when closed. */
  send(bytes: Uint8Array): boolean
  drained(signal?: AbortSignal): Promise<void>
  /** Ends when the other side closes, throws when the stream breaks. To be iterated once. */
  incoming(): AsyncIterable<Uint8Array>
  close(): Promise<void>
  abort(reason: Error): void
}

export interface NetworkEvents {
  connect(peer: PeerId): void
  disconnect(peer: PeerId): void
  /** Our own addresses are others than before. */
  addresses(self: PeerId): void
}

/** How bytes get to a peer: `relay` through a third one, the others directly. */
export type Transport = 'websocket' | 'tcp' | 'webrtc' | 'relay'

/** Peers, streams, gossip and routing. libp2p in production; a switchboard in memory for the simulator. */
export interface Network {
  readonly self: PeerId
  /** Multiaddrs others can dial, the PeerId included. */
  addresses(): string[]
  peers(): PeerId[]
  /** Of the best connection to the peer; undefined without one, or where there are no such ways. */
  transport(peer: PeerId): Transport | undefined
  on<E extends keyof NetworkEvents>(event: E, listener: NetworkEvents[E]): Cancel
  /** Connects to a multiaddr; rejects with `unknown-address` or `unreachable`. */
  connect(address: string, signal?: AbortSignal): Promise<PeerId>
  /** Makes dialling `peer` possible later: addresses from a card. */
  remember(peer: PeerId, addresses: readonly string[]): void
  disconnect(peer: PeerId): Promise<void>
  open(peer: PeerId, protocol: string, signal?: AbortSignal): Promise<Stream>
  /** The handler owns the stream. `streams` bounds simultaneous inbound streams of one peer. */
  handle(protocol: string, streams: number, handler: (stream: Stream) => void): Cancel
  publish(topic: string, bytes: Uint8Array): Promise<void>
  /**
   * `accept` decides, at once, whether a message may travel on: 'accept' | 'ignore' | 'reject' (the sender's score
   * falls).
   */
  subscribe(topic: string, accept: (bytes: Uint8Array, from: PeerId) => 'accept' | 'ignore' | 'reject'): Cancel
  /**
   * The peers of our own routing table closest to `key` (32 bytes), closest first, never ourselves; distance is the XOR
   * of SHA-256 of the key and of the PeerId's bytes, as in kad-dht.
   */
  near(key: Uint8Array, count: number): PeerId[]
  /** The peers that `peer` knows to be closest to `key`: one step of a walk. Rejects with `unreachable`. */
  nearer(peer: PeerId, key: Uint8Array, signal?: AbortSignal): Promise<PeerId[]>
  start(): Promise<void>
  stop(): Promise<void>
}
