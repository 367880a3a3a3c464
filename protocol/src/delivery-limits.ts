/** Bounds of messages from agent to agent, each with its reason. Beside limits.ts, which is long. */

const KiB = 1024
const MiB = 1024 * KiB

/** Part of the bounds of the wire. */
export const DELIVERY_WIRE_LIMITS = {
  /** Body of a letter, request or answer: with its envelope it fits a message. */
  letterBody: 192 * KiB,
  /** Nesting of what is said on a direct channel, and its values and keys: as much as JSON text of 192 KiB holds. */
  sayDepth: 64,
  sayValues: 65_536,
  /** Letters, or outcomes, in one message: a whole window. */
  lettersPerMessage: 64,
  /** Logs named as what a message's sender knew: those of a question's members, and the longest of the commons. */
  contextHeads: 64,
} as const

export const DELIVERY_LIMITS = {
  /** Letters on their way to one receiver, and their bytes: a slow one never holds more of our memory. */
  window: 64,
  windowBytes: 1 * MiB,
  /** Letters that wait for one receiver, and bytes of all: on disk. Beyond shares of it (its class): `busy`. */
  queued: 16_384,
  queuedBytes: 256 * MiB,
  /** Letters at the head of an agent's queue whose bodies stay in memory; the others are read again. */
  resident: 256,
  /** Letters of one sender that are stored here and not handled, their bytes, and bytes of all: then no credit. */
  unhandled: 1_024,
  unhandledBytes: 16 * MiB,
  unhandledOfAll: 256 * MiB,
  /** Credit until the receiver has said how much it gives. */
  firstCredit: 16,
  /** Without an answer for this long letters are sent again, ms, with full jitter up to the cap. */
  retryBaseMs: 2_000,
  retryCapMs: 30_000,
  /** Deadline of a letter that names none, ms, and the longest one. */
  deadlineMs: 24 * 60 * 60_000,
  longestDeadlineMs: 7 * 24 * 60 * 60_000,
  /** Messages a second of one peer that windows and credit hold back already: what one core can just read. */
  messagesPerSecond: 20_000,
  /** Deadline of a request that names none, ms. */
  requestMs: 10_000,
  /** Requests of this peer that wait for a reply, and requests of one other peer that are handled here at once. */
  requests: 4_096,
  requestsPerPeer: 256,
  /** One call of a handler, ms. */
  handleMs: 25_000,
  /** What is remembered of a key, ms, and of how many keys of one sender: then the oldest is forgotten. */
  keyMs: 24 * 60 * 60_000,
  keysPerSender: 16_384,
  /** Outcomes kept for one sender until it has them. */
  outcomes: 1_024,
  /** Epochs of one sender that are told apart: a peer's store is repaired or lost a few times in its life. */
  epochs: 8,
  /** Senders whose letters this peer remembers, some hundred bytes each. */
  senders: 16_384,
  /** A message that waits for records, ms, and how many of one sender may. */
  parkMs: 3_000,
  parked: 64,
  /** Agents of a queue group that are tried, and how long one may take to be reached before the next is, ms. */
  candidates: 4,
  reachMs: 2_000,
  /** Messages of a direct channel that may be unread before its stream is not read any more. */
  unread: 64,
} as const
