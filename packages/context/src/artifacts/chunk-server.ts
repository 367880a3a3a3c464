/** Chunks for those who ask: read when they can be sent, one neighbour's wants in order, and not too many of them. */
import { ARTIFACT_LIMITS, type Clock, type Message, type PeerId, type SpaceId } from '@amp-mesh/protocol'

export interface ChunkServerInit {
  space: SpaceId
  clock: Clock
  /** A chunk of a live artifact, whole; undefined when it is not held. */
  chunk(content: string, n: number): Promise<Uint8Array | undefined>
  /** False: not taken, the connection is full or gone. */
  send(peer: PeerId, message: Message<'chunk'>): boolean
}

/** Wants of one neighbour that wait; it asks for one run after the other, so more are not honest. */
const WAITING = 4
/** A connection that takes nothing is tried again so often and so long, ms; then the neighbour must ask again. */
const RETRY_MS = 20
const TRIES = 250

export class ChunkServer {
  readonly #init: ChunkServerInit
  readonly #queues = new Map<PeerId, Message<'chunk_want'>[]>()
  #ended = false

  constructor(init: ChunkServerInit) {
    this.#init = init
  }

  add(peer: PeerId, want: Message<'chunk_want'>): void {
    const queue = this.#queues.get(peer)
    if (queue === undefined) {
      this.#queues.set(peer, [want])
      void this.#work(peer).finally(() => this.#queues.delete(peer))
    } else if (queue.length < WAITING) queue.push(want)
  }

  end(): void {
    this.#ended = true
    this.#queues.clear()
  }

  /** Ends at the first chunk that is missing, having said so. */
  async #work(peer: PeerId): Promise<void> {
    for (let want = this.#next(peer); want !== undefined; want = this.#next(peer)) {
      const { content, first, last } = want
      for (let n = first; n <= Math.min(last, first + ARTIFACT_LIMITS.chunksPerWant - 1); n++) {
        const bytes = await this.#init.chunk(content, n)
        const message = { type: 'chunk', space: this.#init.space, content, n, ...(bytes && { bytes }) } as const
        if (!(await this.#send(peer, message))) return
        if (bytes === undefined) break
      }
    }
  }

  #next(peer: PeerId): Message<'chunk_want'> | undefined {
    return this.#queues.get(peer)?.shift()
  }

  async #send(peer: PeerId, message: Message<'chunk'>): Promise<boolean> {
    for (let tries = 0; tries < TRIES && !this.#ended; tries++) {
      if (this.#init.send(peer, message)) return true
      await new Promise<void>(resolve => this.#init.clock.after(RETRY_MS, resolve))
    }
    return false
  }
}
