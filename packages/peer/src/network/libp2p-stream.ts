/** A libp2p stream as the `Stream` port: back-pressure both ways, one reader, errors that reach it. */
import { AmpError, type PeerId, type Stream } from '@amp-mesh/protocol'
import type { Stream as MuxedStream } from '@libp2p/interface'
import { Inbox } from './inbox.ts'
import { nextEvent } from './next-event.ts'

/** Received bytes waiting for the reader at which the other side is told to pause, and at which it may go on. */
const PAUSE_AT = 512 * 1024
const RESUME_AT = 128 * 1024
/** A close that has not flushed by then becomes an abort, ms. */
const CLOSE_MS = 5_000

export class Libp2pStream implements Stream {
  readonly peer: PeerId
  readonly #stream: MuxedStream
  readonly #inbox = new Inbox(() => this.#resume())

  constructor(peer: PeerId, stream: MuxedStream) {
    this.peer = peer
    this.#stream = stream
    stream.addEventListener('message', event => this.#receive(event.data.subarray()))
    stream.addEventListener('end', () => this.#settle())
    stream.addEventListener('close', event => this.#settle(event.error))
    // it may have ended before we came; what is buffered is handed over in a microtask, and comes first
    queueMicrotask(() => this.#settle())
  }

  send(bytes: Uint8Array): boolean {
    this.#checkWritable()
    return this.#stream.send(bytes)
  }

  /** Own waiting instead of `onDrain`, which answers at once from the second time on (@libp2p/utils 7). */
  async drained(signal?: AbortSignal): Promise<void> {
    while (this.#stream.writableNeedsDrain) {
      this.#checkWritable()
      await nextEvent(this.#stream, ['drain', 'close'], signal)
      await Promise.resolve() // libp2p refills its window in a microtask after 'drain'
    }
    this.#checkWritable()
  }

  incoming(): AsyncIterable<Uint8Array> {
    return this.#inbox.read()
  }

  /** Ends our half; the other side's `incoming` ends after the last byte. */
  async close(): Promise<void> {
    try {
      await this.#stream.close({ signal: AbortSignal.timeout(CLOSE_MS) })
    } catch (error) {
      this.abort(broken(error))
    }
  }

  abort(reason: Error): void {
    this.#stream.abort(reason)
  }

  #receive(chunk: Uint8Array): void {
    this.#inbox.push(chunk)
    if (this.#inbox.size >= PAUSE_AT && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  #resume(): void {
    if (this.#inbox.size > RESUME_AT || this.#stream.readStatus !== 'paused') return
    try {
      this.#stream.resume()
    } catch (error) {
      this.#inbox.finish(broken(error)) // the connection under a paused stream is gone
    }
  }

  /** Nothing more will come: tells the reader, with the error when the stream broke. */
  #settle(error?: Error): void {
    const { status, readableEnded, readBufferLength } = this.#stream
    if (status === 'aborted' || status === 'reset') this.#inbox.finish(broken(error ?? `it was ${status}`))
    else if (readableEnded || (status === 'closed' && readBufferLength === 0)) this.#inbox.finish()
  }

  #checkWritable(): void {
    if (this.#stream.writeStatus !== 'writable') throw this.#inbox.failure ?? broken('it was closed')
  }
}

const broken = (cause: unknown) => new AmpError('unreachable', 'the stream is closed', String(cause), cause)
