/** Chunks for those who ask: read when they can be sent, one neighbour's wants in order, and not too many of them. */
import { ARTIFACT_LIMITS, type Clock, type Logger, type Message, type PeerId, type SpaceId } from '@amp-mesh/protocol'
import { NeighbourQueues } from '../sync/neighbour-queues.ts'

export interface ChunkServerInit {
  space: SpaceId
  clock: Clock
  logger: Logger
  /** A chunk of a live artifact, whole; undefined when it is not held. */
  chunk(content: string, n: number): Promise<Uint8Array | undefined>
  /** False: not taken, the connection is full or gone. */
  send(peer: PeerId, message: Message<'chunk'>): boolean
}

/** Wants of one neighbour that wait; it asks for one run after the other, so more are not honest. */
const WAITING = 4

export class ChunkServer {
  readonly #init: ChunkServerInit
  readonly #queues: NeighbourQueues<Message<'chunk_want'>, Message<'chunk'>>

  constructor(init: ChunkServerInit) {
    this.#init = init
    this.#queues = new NeighbourQueues({
      ...init,
      waiting: WAITING,
      messages: want => this.#chunks(want),
      onFailure: error =>
        init.logger.error('stored chunks could not be read', { space: init.space, error: String(error) }),
    })
  }

  add(peer: PeerId, want: Message<'chunk_want'>): void {
    this.#queues.add(peer, want)
  }

  /** Resolves when nothing is read any more. */
  end(): Promise<void> {
    return this.#queues.end()
  }

  /** Ends at the first chunk that is missing, having said so. */
  async *#chunks({ content, first, last }: Message<'chunk_want'>): AsyncIterable<Message<'chunk'>> {
    const { space, chunk } = this.#init
    for (let n = first; n <= Math.min(last, first + ARTIFACT_LIMITS.chunksPerWant - 1); n++) {
      const bytes = await chunk(content, n)
      yield { type: 'chunk', space, content, n, ...(bytes && { bytes }) }
      if (bytes === undefined) return
    }
  }
}
