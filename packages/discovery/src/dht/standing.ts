/** Which holders can be relied on: who is silent, and who hides what other holders of the same key know. */
import { type PeerId, putLatest } from '@amp-mesh/protocol'

interface Record {
  /** Answers compared with another holder's, and those that left out what it should have known. */
  compared: number
  hid: number
  silent: number
  at: number
}

/** Peers remembered; the longest unheard go. */
const PEERS = 1_024
/** Silent so often in a row, a holder is not asked for a while; one that hides as often as not, neither, ms. */
const SILENCES = 2
const COMPARED = 2
const HIDING = 0.5
const PAUSE_MS = 10 * 60_000

export class Standing {
  readonly #records = new Map<PeerId, Record>()

  answered(peer: PeerId, now: number): void {
    this.#of(peer, now).silent = 0
  }

  silent(peer: PeerId, now: number): void {
    this.#of(peer, now).silent += 1
  }

  /** `hid`: it left out cards that fit better than those it gave, and another holder had them. */
  compared(peer: PeerId, hid: boolean, now: number): void {
    const record = this.#of(peer, now)
    record.compared += 1
    if (hid) record.hid += 1
  }

  /** After a while everybody gets another chance: peers come back, and comparisons can be unlucky. */
  isReliable(peer: PeerId, now: number): boolean {
    const record = this.#records.get(peer)
    if (record === undefined) return true
    if (now - record.at > PAUSE_MS) {
      this.#records.delete(peer)
      return true
    }
    return record.silent < SILENCES && (record.compared < COMPARED || record.hid / record.compared < HIDING)
  }

  #of(peer: PeerId, now: number): Record {
    const record = this.#records.get(peer) ?? { compared: 0, hid: 0, silent: 0, at: now }
    record.at = now
    putLatest(this.#records, peer, record, PEERS)
    return record
  }
}
