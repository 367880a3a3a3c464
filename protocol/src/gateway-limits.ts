/** Bounds of the gateway: what plain clients of a peer may send, ask and hold. */

const KiB = 1024
const MiB = 1024 * KiB

export const GATEWAY_LIMITS = {
  /** Connections at once, those that answer a POST counted; beyond them a client is told to come again. */
  connections: 256,
  /** Sessions whose connection was cut, and for how long each waits to be resumed, ms; the oldest goes first. */
  cutSessions: 64,
  lingerMs: 60_000,
  /** What a session was sent last, kept for a resume: messages and their bytes. 320 sessions of them are 320 MiB. */
  kept: 1_024,
  keptBytes: 1 * MiB,
  /** Messages of one session a second, and the burst it may save up; above it the session is not read for a while. */
  messagesPerSecond: 50,
  messageBurst: 200,
  /**
   * Questions, searches, joins, messages to agents and subscriptions of one session under way; and questions of all: a
   * peer carries 64 spaces.
   */
  conversations: 32,
  questions: 48,
  /** Spaces one session watches. */
  spaces: 64,
  /** Names of its own for records that a session may use; the oldest are forgotten. */
  names: 1_024,
  /** Bytes a client has not read yet, before it is let go: it finds what it missed when it resumes. */
  backlog: 4 * MiB,
  /** Unread bytes above which the records of a space it joins wait. */
  flow: 256 * KiB,
  /** The latest records of a space, where a client does not want them all. */
  excerpt: 256,
  /** New records of a space that may wait while its older ones are sent. */
  waiting: 8_192,
  /** Agents in a hello, and in the answer to one search. */
  helloAgents: 64,
  found: 64,
  /** The longest a client may let a question run, ms. */
  budgetMs: 60 * 60_000,
  /** A connection that answers no ping for this long is dead, ms. */
  pingMs: 30_000,
} as const
