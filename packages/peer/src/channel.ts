/** A stream as messages in and out: read one at a time, written a tick's at once, ended with a reason. */
import {
  AmpError,
  asError,
  type Clock,
  DecodeError,
  type DecodeOptions,
  decodeMessage,
  FrameReader,
  isWireCode,
  type Message,
  type PeerId,
  type Stream,
  wireCodeOf,
} from '@amp-mesh/protocol'
import { Outgoing } from './outgoing.ts'

export interface ChannelInit extends DecodeOptions {
  stream: Stream
  clock: Clock
  /** Bound of one message's bytes, each way: WIRE_LIMITS.message or .syncFrame. */
  maxBytes: number
  /** What is sent gives way to messages of other channels. */
  bulk?: boolean
  /** Called one message at a time; while it runs nothing more is read. A rejection closes the channel. */
  onMessage(message: Message, bytes: number): Promise<void> | void
  onSent?(message: Message, bytes: number): void
  /** Called once, whoever closed; `reason` is there when it broke, or when the other side said why it left. */
  onClose(reason?: Error): void
}

/** Messages the other side may get wrong before we hang up: one bad frame is a bug, three are a habit. */
const STRIKES = 3

export class Channel {
  readonly peer: PeerId
  readonly #init: ChannelInit
  readonly #outgoing: Outgoing
  #closed = false
  #strikes = 0
  /** Code of the `error` that was the last message. */
  #lastWord: string | undefined

  constructor(init: ChannelInit) {
    const { stream, clock, maxBytes, bulk = false } = init
    this.#init = init
    this.peer = stream.peer
    this.#outgoing = new Outgoing({ stream, clock, maxBytes, bulk, onFailure: error => this.#break(error) })
    void this.#read()
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Bytes that were posted and not taken by the stream yet. */
  get queued(): number {
    return this.#outgoing.queued
  }

  /**
   * Queues a message for this tick's write. False: not taken, because the other side reads too slowly or is gone. Who
   * has nothing but this message waits for `room` and posts it again; all else we post can be lost and is repaired
   * above (heads, directory anti-entropy, pings). Throws `too-large`.
   */
  post(message: Message): boolean {
    const bytes = this.#closed ? 0 : this.#outgoing.add(message)
    if (bytes > 0) this.#init.onSent?.(message, bytes)
    return bytes > 0
  }

  /** Resolves when `post` takes messages again, or the channel has closed; rejects with the signal's reason. */
  room(signal?: AbortSignal): Promise<void> {
    return this.#outgoing.room(signal)
  }

  /** Ends it once all that was posted is sent; the last `error` among it says why. */
  async close(): Promise<void> {
    if (this.#closed) return
    await this.#outgoing.flushed()
    this.#end()
    await this.#init.stream.close().catch(() => {})
  }

  /** Ends it now, with the reason's code as the last word where the other side may know it. */
  abort(reason: Error): void {
    if (this.#closed) return
    const code = wireCodeOf(reason)
    if (code !== 'internal' || !(reason instanceof AmpError)) this.post({ type: 'error', code })
    this.#outgoing.end()
    this.#break(reason)
  }

  /** Nobody can be told any more. */
  #break(reason: Error): void {
    if (this.#closed) return
    this.#init.stream.abort(reason)
    this.#end(reason)
  }

  async #read(): Promise<void> {
    const reader = new FrameReader(this.#init.maxBytes)
    try {
      for await (const chunk of this.#init.stream.incoming()) {
        for (const body of reader.push(chunk)) {
          const handled = this.#receive(body)
          if (handled !== undefined) await handled
          if (this.#closed) return
        }
      }
      this.#end(this.#farewell())
    } catch (error) {
      const isBroken = error instanceof AmpError && error.code === 'unreachable'
      if (isBroken) this.#break(this.#farewell() ?? error)
      else this.abort(asError(error))
    }
  }

  /** What the other side said last, if that was a reason to leave. */
  #farewell(): AmpError | undefined {
    const word = this.#lastWord
    if (word === undefined) return undefined
    const code = word === 'leaving' ? 'stopped' : isWireCode(word) ? word : 'unreachable'
    return new AmpError(code, 'the other side ended the connection', word)
  }

  #receive(body: Uint8Array): Promise<void> | void {
    let message: Message
    try {
      message = decodeMessage(body, this.#init)
    } catch (error) {
      // A type we do not know is a newer peer, not a fault.
      if (!(error instanceof DecodeError) || (error.code !== 'unknown-type' && ++this.#strikes >= STRIKES)) throw error
      this.post({ type: 'error', code: error.code })
      return
    }
    this.#lastWord = message.type === 'error' ? message.code : undefined
    return this.#init.onMessage(message, body.length)
  }

  #end(reason?: Error): void {
    if (this.#closed) return
    this.#closed = true
    this.#outgoing.end()
    this.#init.onClose(reason)
  }
}
