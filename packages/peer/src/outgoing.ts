/** What one stream has to send: a tick's messages in one write, bulk in slices between which others go first. */
import {
  AmpError,
  asError,
  type Clock,
  encodeMessage,
  FrameWriter,
  type Message,
  PEER_LIMITS,
  type Stream,
} from '@amp-mesh/protocol'

export interface OutgoingInit {
  stream: Stream
  clock: Clock
  /** Of the largest message that the other side takes. */
  maxBytes: number
  /** Segments, chunks: whatever else this peer has to say goes first. */
  bulk: boolean
  /** The stream broke, or the other side stopped reading. */
  onFailure(error: Error): void
}

/** Bytes of one write of messages: larger ones are hardly faster, and it has to fit the yamux write buffer. */
const WRITE = 256 * 1024
/** Bytes of one write of bulk. Between two of them messages go: one waits a millisecond of encryption at most. */
const BULK_WRITE = 64 * 1024
/** Microtasks without a further message after which a tick has said all: `await send()` in a loop needs three. */
const QUIET = 4
/** A reader that takes nothing for this long is gone or hostile, ms. */
const DRAIN_MS = 10_000
/** Who closes waits so long for what is queued, ms. */
const FLUSH_MS = 100

export class Outgoing {
  readonly #init: OutgoingInit
  readonly #frames = new FrameWriter()
  /** Bytes of the tick before, that the stream has not taken yet. */
  #leaving = 0
  #flushing: Promise<void> | undefined
  #ended = false
  readonly #waiting = new Set<() => void>()

  constructor(init: OutgoingInit) {
    this.#init = init
  }

  /** Bytes that the stream has not taken yet. */
  get queued(): number {
    return this.#leaving + this.#frames.length
  }

  /**
   * Bytes of the message when it was taken for this tick's write; 0: the queue is full, the message was not taken.
   * Throws `too-large`.
   */
  add(message: Message): number {
    const body = encodeMessage(message)
    const { maxBytes } = this.#init
    if (body.length > maxBytes)
      throw new AmpError('too-large', `a message holds ${maxBytes} bytes, not ${body.length}: share it as an artifact`)
    if (this.#ended || this.queued + body.length > PEER_LIMITS.sendQueue) return 0
    this.#frames.write(body)
    this.#flushing ??= this.#flush()
    return body.length
  }

  /** Resolves when there is room again; rejects with the signal's reason. Resolves at the end, too. */
  async room(signal?: AbortSignal): Promise<void> {
    while (!this.#ended && this.queued > PEER_LIMITS.sendQueue / 2) {
      signal?.throwIfAborted()
      await new Promise<void>(resolve => {
        this.#waiting.add(resolve)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    signal?.throwIfAborted()
  }

  /** Resolves when the stream has all, or has not taken it in time. */
  async flushed(): Promise<void> {
    const late = Promise.withResolvers<void>()
    const cancel = this.#init.clock.after(FLUSH_MS, late.resolve)
    await Promise.race([this.#flushing, late.promise])
    cancel()
  }

  /** Hands over at once what fits now, and takes nothing more. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    try {
      if (this.#leaving === 0 && this.#frames.length > 0) this.#init.stream.send(this.#frames.take())
    } catch {} // nobody is there to read the last words
    this.#rouse()
  }

  async #flush(): Promise<void> {
    try {
      await this.#tick()
      while (this.#frames.length > 0 && !this.#ended) await this.#write(this.#frames.take())
    } catch (error) {
      if (!this.#ended) this.#init.onFailure(asError(error))
    } finally {
      this.#flushing = undefined
    }
  }

  /** What is posted in the same turn of the event loop belongs to the same write. */
  async #tick(): Promise<void> {
    for (let before = 0; this.#frames.length > before && this.#frames.length < WRITE; ) {
      before = this.#frames.length
      for (let hop = 0; hop < QUIET; hop++) await undefined
    }
  }

  async #write(frames: Uint8Array): Promise<void> {
    const { stream, bulk } = this.#init
    const slice = bulk ? BULK_WRITE : WRITE
    this.#leaving = frames.length
    for (let at = 0; at < frames.length && !this.#ended; at += slice) {
      if (at > 0 && bulk) await this.#turn()
      const isTaken = stream.send(frames.subarray(at, at + slice))
      this.#leaving = Math.max(0, frames.length - at - slice)
      if (!isTaken) await this.#drained()
      this.#rouse()
    }
  }

  /** The event loop goes round: whatever came in meanwhile is answered before the next slice. */
  #turn(): Promise<void> {
    return new Promise(resolve => this.#init.clock.after(0, resolve))
  }

  async #drained(): Promise<void> {
    const deadline = new AbortController()
    const cancel = this.#init.clock.after(DRAIN_MS, () =>
      deadline.abort(new AmpError('unreachable', 'the other side stopped reading')),
    )
    try {
      await this.#init.stream.drained(deadline.signal)
    } finally {
      cancel()
    }
  }

  #rouse(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
