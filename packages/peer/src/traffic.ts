/** What went over the links to one peer: for people who look, and tools that measure. */

export interface Tally {
  messages: number
  /** Of message bodies. */
  bytes: number
}

/** Since the connection to that peer came up. */
export interface Traffic {
  sent: Tally
  received: Tally
  /** Bytes posted that the connection has not taken yet: a peer that reads too slowly. */
  queued: number
}

export const noTraffic = (): Traffic => ({
  sent: { messages: 0, bytes: 0 },
  received: { messages: 0, bytes: 0 },
  queued: 0,
})

export function count(tally: Tally, bytes: number): void {
  tally.messages++
  tally.bytes += bytes
}
