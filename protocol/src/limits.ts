/** Bounds of the house (of delivery: delivery-limits.ts), with reasons. LIBP2P §2, CONTEXT §3, RELIABILITY §5. */

import { DELIVERY_WIRE_LIMITS } from './delivery-limits.ts'
import { SUBJECT_WIRE_LIMITS } from './subject-limits.ts'

const KiB = 1024
const MiB = 1024 * KiB

/** Bounds of the wire: two peers must agree on them. */
export const WIRE_LIMITS = {
  /** An AMP message. Larger things are artifacts, in chunks on the sync stream. */
  message: 256 * KiB,
  /** A segment, and so the largest frame of the sync stream (the rest is its envelope). */
  segment: 1 * MiB,
  syncFrame: 1 * MiB + 4 * KiB,
  /** A gossip message: above 3 MiB gossipsub loses messages silently, and gossip carries hints only. */
  gossip: 64 * KiB,
  /** Genesis and signed question inside a `broadcast`, together. */
  broadcastInline: 32 * KiB,
  /** Nesting of a message body; our own messages need 4. */
  depth: 16,
  /** Values and keys in a message: empty maps cost 50 times their byte. 1,024 heads, the most we send, are 11,269. */
  values: 16_384,
  /** A signed agent card: 64 capabilities of 200 characters fit. */
  card: 16 * KiB,
  /** Cards in one `cards` message, so that the message stays below its own bound. */
  cardsPerMessage: 12,
  /** Cards of one node of a `cards_held` that are named, and not their digests: 64 of 14 bytes. */
  cardsInNode: 64,
  /** Nodes asked for in one `cards_want`: its answer stays below 60 kB; and cards. */
  cardNodes: 64,
  cardKeys: 256,
  /** UTF-16 units of a key's name in the index: the longest stem, or a centroid of a space. */
  indexKey: 160,
  /** Of a request's text in an `index_query`: more words than a ranking tells apart. */
  indexText: 2_048,
  /** Cards of one answer: 32 find no more (DISCOVERY.md §5), and 16 of the largest size still fit a message. */
  cardsInAnswer: 16,
  /** Stems of a request whose frequency an answer tells: requests have a dozen. */
  wordsInAnswer: 256,
  /** Cards and keys of one `index_store`: what one peer may publish, and the keys of 40 cards. */
  cardsInStore: 64,
  keysInStore: 512,
  /** Heads in one `heads` message (CONTEXT.md §10). */
  headsPerMessage: 1024,
  /** Live records in one `checkpoint` message: with its segment beside them they fit a frame. */
  checkpointPart: 480 * KiB,
  /** Bytes of one op in an `ops` message: the most a genesis may allow. */
  op: 64 * KiB,
  /** Ops asked for, and given, in one message: at most 1 MiB of the usual 16 KiB. */
  opsPerMessage: 64,
  /** Bytes of one `digests` message's digests: 256 buckets, 8 bytes each. By chance two differ unseen once in 2^64. */
  bucketDigests: 2_048,
  /** Ranges in one `want` message. */
  rangesPerMessage: 256,
  ...DELIVERY_WIRE_LIMITS,
  ...SUBJECT_WIRE_LIMITS,
  certificate: 512, // of admission, with the next three: see admission-limits.ts
  certificates: 6,
  revocationList: 12 * KiB,
  revocationLists: 8,
} as const

/** Bounds of a space's ledger. They stand in its genesis, so that every replica has the same. */
export interface SpaceLimits {
  /** Bytes of one op (UTF-8 of its canonical JSON). */
  op: number
  opsPerEntry: number
  /** Bytes of all ops of one entry with their length prefixes. */
  entry: number
  /** Nesting, string length (UTF-16 units), array length and keys per object inside an op. */
  depth: number
  string: number
  array: number
  keys: number
  /** An entry further ahead of our clock than this waits, ms. */
  skewMs: number
  epochsPerAuthor: number
  /** Bytes a log may hold in its life: op bytes + 12 per op. */
  quota: number
}

export const SPACE_LIMITS: SpaceLimits = {
  op: 16 * KiB,
  opsPerEntry: 1024,
  entry: 256 * KiB,
  depth: 8,
  string: 8192,
  array: 256,
  keys: 64,
  skewMs: 300_000,
  epochsPerAuthor: 16,
  quota: 8 * MiB,
}

/** Bounds of the ledger that every replica applies alike, whatever the genesis says. */
export const LEDGER_LIMITS = {
  entriesPerSegment: 256,
  /** Each verifier's first `admit` records that count: bounds the set of authors. */
  admitsPerVerifier: 64,
  /** Verifiers of a query space: Q of 7 is 5; more cost messages and give little. */
  verifiers: 7,
  /**
   * Histories of a forked log kept beside the first one, each within its quota: two decide, the others leave room to
   * put a third one together that verifiers acknowledged further on.
   */
  branches: 4,
  /** Ops of a log before its first checkpoint, and at least before each next one: a question's logs need none. */
  checkpointOps: 4_096,
  /** Segments of keys not admitted yet, held for one space; the oldest goes first. */
  waitingSegments: 256,
  waitingBytes: 1 * MiB,
  /** Bytes of entries from the future, held per space. */
  deferredBytes: 1 * MiB,
} as const

/** Bounds of artifacts: contents larger than a record. */
export const ARTIFACT_LIMITS = {
  /** Bytes of a chunk: its frame costs nothing beside it, and a few of them do not keep a segment waiting. */
  chunk: 64 * KiB,
  /** Chunks of an artifact: the hashes of 256 take 11.8 kB, so the record still fits an op. 16 MiB of content. */
  chunks: 256,
  /** Chunks of one want: half a MiB on its way keeps a connection busy. */
  chunksPerWant: 8,
  /** Bytes a member holds of one author in a space, and of all together: what a stranger's question may cost a disk. */
  bytesPerAuthor: 32 * MiB,
  bytesPerSpace: 128 * MiB,
} as const

/** Bounds of the transport: what an anonymous or hostile client can make a peer hold. */
export const TRANSPORT_LIMITS = {
  connections: 128,
  /** Share of connections that others may open to us: the rest stays free against eclipse. */
  inboundShare: 0.7,
  outboundReserve: 8,
  socketsPerIp: 64,
  sockets: 512,
  /** As many as sockets: those are shared fairly among networks, and here whoever comes first would take all. */
  pendingConnections: 512,
  /** Five ways over a network that takes 800 ms each, half of it more by chance: in 3 s nobody came back there. */
  upgradeMs: 10_000,
  /** A connection that is closed in order is waited for so long, then it is cut. */
  closeMs: 3_000,
  firstByteMs: 5_000,
  webSocketPayload: 1 * MiB,
  yamuxWindow: 1 * MiB,
  yamuxWriteBuffer: 4 * MiB,
  streams: { amp: 1, sync: 1, card: 4, ping: 32, kadIn: 32, kadOut: 64, other: 8 },
  /** As for the upgrade, and TCP's and HTTP's own ways before it. */
  dialMs: 15_000,
  /** Deadline of any single DHT query (RELIABILITY.md F14). */
  queryMs: 3_000,
  /** Questions to the routing a peer answers, of one network half of them: some 2 ms of the processor each. */
  lookupsPerSecond: 200,
  /** Full-jitter back-off of the connection keeper. */
  backoffBaseMs: 250,
  backoffCapMs: 8_000,
  /** Of peers never met: 64 keys that do not exist, admitted by one verifier, cost a third of a core at 8 s. */
  unmetCapMs: 120_000,
  /**
   * What a peer gives to those that cannot listen (browsers): slots, and what one relayed connection may carry. The
   * default of libp2p, 128 KiB in 2 minutes, ends a collaboration in its middle; without any bound a relay is a free
   * tunnel.
   */
  relay: { reservations: 64, connectionBytes: 64 * MiB, connectionMs: 60 * 60_000 },
  /** A peer that is there to be a relay (`--relay`). */
  dedicatedRelay: { reservations: 512, connections: 1_024, sockets: 2_048 },
  /** Neighbours the keeper tries to hold: a star loses gossip (LIBP2P.md §4). */
  neighbours: 8,
} as const

/** Bounds of a peer's tables and queues. */
export const PEER_LIMITS = {
  /** Outgoing bytes a stream queues before a message is not taken: as many as a yamux write buffer holds. */
  sendQueue: 4 * MiB,
  /** Messages per second from one peer before it is told `busy`, and the burst it may save up. */
  messagesPerSecond: 500,
  messageBurst: 2_000,
  /** Message ids remembered against duplicates, and for how long, ms. */
  seenMessages: 8_192,
  freshMs: 120_000,
  /** Spaces carried at once; a peer with more says `busy` to new broadcasts. */
  openSpaces: 64,
  /**
   * Cards in the directory: up to so many agents every peer knows them all, at 0.3 MB a thousand; of more it keeps half
   * by interest and half by lot, and the DHT answers for the others. And from one publisher: see DISCOVERY.md §5.
   */
  cards: 10_000,
  cardsPerPeer: 64,
  cardLifeMs: 10 * 60_000,
  /** Cards there was no place for, remembered so that they are not fetched again: two keys and a number each. */
  cardsLetGo: 40_000,
  /** Texts of own agents, and questions asked here, that cards are measured by. */
  interests: 64,
  /** Peers whose reachability is remembered: eight times the connections there can be. */
  watchedPeers: 1_024,
  /** A hello must come this soon after a stream opens, ms. */
  helloMs: 10_000,
  /** Unread events one inspection subscriber may pile up; the oldest go, and the gap is told. */
  inspectionBacklog: 4_096,
} as const

/** Bounds of embedding models, in a worker or at an endpoint. */
export const EMBEDDER_LIMITS = {
  /** A model that loads says something, if only how far a download is, within this, ms; and so does a batch. */
  loadMs: 60_000,
  batchMs: 60_000,
  /** Bytes a worker may grow by before another takes its place, and the texts after which one does in any case. */
  growth: 512 * MiB,
  textsPerWorker: 50_000,
  /** Vectors of an endpoint kept on disk: 12 kB each at most. */
  cachedVectors: 20_000,
} as const

/** Bounds of asking the knowledge graph. */
export const GRAPH_LIMITS = {
  /** Records in one answer. */
  answers: 1_024,
  hops: 8,
  /** Of `recall`: more than this nobody reads, and each is ranked against all others. */
  recalled: 256,
  /** Vectors of one space's records, a byte a dimension: 131,072 records of the built-in embedder; the oldest go. */
  vectorBytes: 128 * MiB,
} as const

/** Bounds of what a mesh remembers in its commons. */
export const COMMONS_LIMITS = {
  /** An answer older than this is asked anew, ms: the world moves on, and better agents may have come. */
  answerMs: 24 * 60 * 60_000,
  /** Open needs of one question that are worth telling the whole mesh. */
  gapsPerQuestion: 8,
} as const

/** Bounds of agents on a peer. */
export const AGENT_LIMITS = {
  /** As many cards as others take of one publisher, halved: a renewed one is beside the old for a moment. */
  agentsPerPeer: 32,
  /** Changes an agent's mailbox holds; beyond it they are merged into one "look again". */
  mailbox: 256,
  capabilities: 64,
  capabilityLength: 512,
  /** Of 4,039 real interfaces the wordiest parameters have 600 characters. */
  parametersLength: 2_048,
  tagLength: 64,
  /** One call of an agent's `contribute` or `verify`, ms; it is aborted after. */
  contributeMs: 25_000,
  /** Spaces one agent works in at once; further questions wait. */
  spacesAtOnce: 8,
} as const

/** Defaults of a question. */
export const QUESTION_DEFAULTS = {
  budgetMs: 30_000,
  offerWindowMs: 1_000,
  /** Share of the budget that those who were asked have for their answer: on a busy machine judging takes a while. */
  patience: 0.25,
  /**
   * Offers that suffice: nobody more is asked, and who is less sure than so many others stays silent. One more would
   * cost the others more than it brings.
   */
  offers: 16,
} as const

/** Bounds of rooms: what a Yjs client of a peer may send and hold. */
export const ROOM_LIMITS = {
  rooms: 64,
  visitorsPerRoom: 64,
  /** One message of a client. A longer one ends the connection; y-websocket comes back and sends less. */
  message: 1 * MiB,
  /** A client's state vector: 4,096 clients and more. */
  stateVector: 64 * KiB,
  /** A whole document is sent for one small message: at most this often to one client, ms. */
  answerMs: 250,
  /** Messages of one client a second, and the burst it may save up; an editor sends one a keystroke. */
  messagesPerSecond: 100,
  messageBurst: 400,
  /** Unsent bytes beyond the document itself before a client that does not read is let go. */
  backlog: 16 * MiB,
  /** One client's presence (name, cursor), and how many a room has. */
  presence: 2 * KiB,
  presences: 64,
  /** A room nobody is in stays this long for who reconnects, ms. */
  lingerMs: 10_000,
  /** Commands in an outbox that wait for their turn, and outcomes kept for reading. */
  commands: 64,
  results: 256,
  /** Views are computed at most this often, ms. */
  viewsMs: 250,
} as const

/** Bounds of drafts: what an editor may make the others parse, hold and compute (CONTEXT.md §9). */
export const DRAFT_LIMITS = {
  /** Structs and deleted ranges of one edit; its bytes are bounded as an op's. */
  structs: 2_048,
  ranges: 2_048,
  /** Types in types; readers recurse. */
  depth: 32,
  /** Edits gather this long before they are signed and sent, ms. */
  mergeMs: 250,
  /** Text of one edit in UTF-16 units, three bytes each at most: what is pasted becomes several edits. */
  textPerEdit: 4_096,
  /** What one task may cost a draft's worker, ms of its CPU; above it the draft is frozen. An honest one takes few. */
  taskMs: 5_000,
  /** Quiet before a draft is replayed in canonical order, ms; and how many times the last replay took, at least. */
  replayMs: 2_000,
  replayShare: 20,
  /** Heap of a draft's worker, MiB, and drafts open at once in one peer. */
  workerMiB: 256,
  open: 16,
} as const
