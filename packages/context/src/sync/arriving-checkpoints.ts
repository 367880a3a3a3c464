/** Checkpoints on their way in: their parts, one neighbour's after the other, until they are whole. */
import type { Message, PeerId } from '@amp-mesh/protocol'
import { decodeLive } from '../ledger/checkpoint-parts.ts'
import type { LiveOp } from '../ledger/live-records.ts'

interface Arriving {
  readonly first: Message<'checkpoint'>
  readonly live: LiveOp[]
  next: number
  bytes: number
}

export class ArrivingCheckpoints {
  readonly #byPeer = new Map<PeerId, Arriving>()
  readonly #maxBytes: number

  /** `maxBytes`: of the live records of one log; a space's quota bounds them. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** All live records, once the last part came. Throws DecodeError on parts that are none. */
  add(from: PeerId, message: Message<'checkpoint'>): readonly LiveOp[] | undefined {
    const open = message.part === 0 ? { first: message, live: [], next: 0, bytes: 0 } : this.#byPeer.get(from)
    if (open === undefined || open.next !== message.part || open.first.parts !== message.parts) return undefined
    open.next++
    open.bytes += message.live?.length ?? 0
    if (open.bytes > this.#maxBytes) {
      this.#byPeer.delete(from)
      return undefined
    }
    if (message.live !== undefined) for (const op of decodeLive(message.live)) open.live.push(op)
    if (open.next < message.parts) {
      this.#byPeer.set(from, open)
      return undefined
    }
    this.#byPeer.delete(from)
    return open.live
  }

  forget(peer: PeerId): void {
    this.#byPeer.delete(peer)
  }
}
