/** Bounds of subjects, each with its reason. Beside limits.ts, which is long. */

const KiB = 1024
const MiB = 1024 * KiB

/** Part of the bounds of the wire. */
export const SUBJECT_WIRE_LIMITS = {
  /** UTF-16 units of a subject, and of a pattern. */
  subject: 256,
  /** Body of a publication: with its envelope it fits a gossip message. */
  publication: 62 * KiB,
  /** Publications in one `recalled`: a ring buffer. */
  recalled: 256,
} as const

export const SUBJECT_LIMITS = {
  /** Publications of one subject that are remembered, subjects, and bytes of all; the longest quiet go first. */
  ring: 256,
  subjects: 1_024,
  bytes: 16 * MiB,
  /** Subscriptions of one peer, and publications one of them may leave unread; then the oldest go. */
  subscriptions: 1_024,
  unread: 1_024,
  /** Publications a second from one author, and the burst it may save up; what is more is not passed on. */
  perSecond: 100,
  burst: 500,
  /** Authors whose rate is remembered. */
  authors: 4_096,
  /** Neighbours asked for what was published before, and how long they are waited for, ms. */
  recallPeers: 4,
  recallMs: 1_000,
} as const
