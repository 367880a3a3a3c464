/**
 * How a silence is judged (PROTOCOL.md, Who is there). The defaults are Pekko's, but for the pause, which is a second
 * shorter: a peer that was killed is to show within 5 s.
 */
export interface FailureDetection {
  /** Where nothing was heard for so long a ping is sent, ms; traffic makes pings needless. */
  pingMs: number
  /**
   * With more linked peers those that one does nothing with are pinged less often, in proportion, up to a bound: sixty
   * that ping each other every second spend as much on nothing else as they do on all the rest of being there.
   */
  watchedClosely: number
  mostPatience: number
  /** One does something with a peer that was told or told something, but for pings, within so long, ms. */
  closeMs: number
  /** A silence is odd when by chance it would come about once in 10^phi: 8 is one in a hundred million. */
  phi: number
  /** Intervals a judgement rests on: five minutes of a quiet connection, and 2 kB a peer. */
  samples: number
  /** The deviation is never taken for less, ms: on a loopback it would be none, and any hiccup a fault. */
  minDeviationMs: number
  /** Beyond the usual interval, ms: a collection of garbage, or a TCP segment that was lost twice. */
  pauseMs: number
  /** The interval expected of a peer that is new, ms: that of pings. */
  firstEstimateMs: number
  /** The round trip is measured at least this often, ms. */
  measureMs: number
  /**
   * A suspected peer this long silent has its connection cut, so that it is dialled anew, ms: after half a minute
   * without a network TCP itself waits up to another half before it tries again. A process that was stopped for less
   * keeps its connections.
   */
  deadMs: number
  /** Suspected for so long, it is gone, ms: several dials of the keeper have failed by then, even slow ones. */
  goneMs: number
}

export const FAILURE_DETECTION: FailureDetection = {
  pingMs: 1_000,
  watchedClosely: 16,
  mostPatience: 4,
  closeMs: 60_000,
  phi: 8,
  samples: 256,
  minDeviationMs: 100,
  pauseMs: 2_000,
  firstEstimateMs: 1_000,
  measureMs: 10_000,
  deadMs: 10_000,
  goneMs: 60_000,
}
