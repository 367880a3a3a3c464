/** A stream as messages in and out: frames, one write per tick, back-pressure both ways, deadlines. */
import {
  AmpError,
  type Clock,
  DecodeError,
  decodeMessage,
  encodeFrames,
  encodeMessage,
  FrameReader,
  type Message,
  PEER_LIMITS,
  type PeerId,
  type Stream,
  wireCodeOf,
} from '@amp-mesh/protocol'

export interface ChannelInit {
  stream: Stream
  clock: Clock
  /** Bound of one message's bytes: WIRE_LIMITS.message or .syncFrame. */
  maxBytes: number
  /** Called one message at a time; while it runs nothing more is read. A rejection closes the channel. */
  onMessage(message: Message, bytes: number): Promise<void> | void
  onSent?(message: Message, bytes: number): void
  /** Called once, whoever closed; `reason` is there when it broke. */
  onClose(reason?: Error): void
}

/** Messages the other side may get wrong before we hang up: one bad frame is a bug, three are a habit. */
const STRIKES = 3
/** A reader that takes nothing for this long is gone or hostile, ms. */
const DRAIN_MS = 10_000
/** Who closes waits so long for what is queued, ms. */
const FLUSH_MS = 100

export class Channel {
  readonly peer: PeerId
  readonly #init: ChannelInit
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #flushing: Promise<void> | undefined
  #closed = false
  #strikes = 0

  constructor(init: ChannelInit) {
    this.#init = init
    this.peer = init.stream.peer
    void this.#read()
  }

  get closed(): boolean {
    return this.#closed
  }

  /**
   * Queues a message for this tick's write. False: not taken, because the other side reads too slowly or is gone. All
   * we post can be lost and is repaired above (heads, directory anti-entropy, pings).
   */
  post(message: Message): boolean {
    if (this.#closed) return false
    const body = encodeMessage(message)
    if (this.#queuedBytes + body.length > PEER_LIMITS.sendQueue) return false
    this.#queue.push(body)
    this.#queuedBytes += body.length
    this.#init.onSent?.(message, body.length)
    this.#flushing ??= Promise.resolve().then(() => this.#flush())
    return true
  }

  async close(): Promise<void> {
    if (this.#closed) return
    await this.#flushed()
    this.#end()
    await this.#init.stream.close().catch(() => {})
  }

  abort(reason: Error): void {
    if (this.#closed) return
    this.#init.stream.abort(reason)
    this.#end(reason)
  }

  async #flush(): Promise<void> {
    try {
      while (this.#queue.length > 0 && !this.#closed) {
        const frames = encodeFrames(this.#queue)
        this.#queue = []
        this.#queuedBytes = 0
        if (!this.#init.stream.send(frames)) await this.#drained()
      }
    } catch (error) {
      this.abort(asError(error))
    } finally {
      this.#flushing = undefined
    }
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

  async #flushed(): Promise<void> {
    const late = Promise.withResolvers<void>()
    const cancel = this.#init.clock.after(FLUSH_MS, late.resolve)
    await Promise.race([this.#flushing, late.promise])
    cancel()
  }

  async #read(): Promise<void> {
    const reader = new FrameReader(this.#init.maxBytes)
    try {
      for await (const chunk of this.#init.stream.incoming()) {
        for (const body of reader.push(chunk)) await this.#receive(body)
        if (this.#closed) return
      }
      this.#end()
    } catch (error) {
      this.#refuse(error)
      this.abort(asError(error))
    }
  }

  async #receive(body: Uint8Array): Promise<void> {
    let message: Message
    try {
      message = decodeMessage(body, { maxBytes: this.#init.maxBytes })
    } catch (error) {
      // A type we do not know is a newer peer, not a fault.
      if (!(error instanceof DecodeError) || (error.code !== 'unknown-type' && ++this.#strikes >= STRIKES)) throw error
      this.#refuse(error)
      return
    }
    await this.#init.onMessage(message, body.length)
  }

  #refuse(error: unknown): void {
    this.post({ type: 'error', code: wireCodeOf(error) })
  }

  #end(reason?: Error): void {
    if (this.#closed) return
    this.#closed = true
    this.#queue = []
    this.#init.onClose(reason)
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
