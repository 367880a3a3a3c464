/** Two ends of a stream in memory, with the back-pressure and the endings of a real one. */
import { AmpError, type PeerId, type Stream } from '@amp-mesh/protocol'
import { Inbox } from './network/inbox.ts'

/** Unread bytes at which `send` says false, and at which a sender that goes on all the same is cut off. */
const FULL_AT = 256 * 1024
const CUT_AT = 8 * 1024 * 1024

/** Runs an action later, in order. */
export type Deliver = (action: () => void) => void

export class MemoryStream implements Stream {
  readonly peer: PeerId
  readonly #deliver: Deliver
  readonly #inbox: Inbox
  readonly #waiting = new Set<() => void>()
  #other: MemoryStream | undefined
  #unread = 0
  #state: 'open' | 'closed' | 'broken' = 'open'
  #remoteClosed = false

  /** The first end belongs to `a` and leads to `b`, the second is the other way round. */
  static pair(a: PeerId, b: PeerId, deliver: Deliver): [MemoryStream, MemoryStream] {
    const ours = new MemoryStream(b, deliver)
    const theirs = new MemoryStream(a, deliver)
    ours.#other = theirs
    theirs.#other = ours
    return [ours, theirs]
  }

  private constructor(peer: PeerId, deliver: Deliver) {
    this.peer = peer
    this.#deliver = deliver
    this.#inbox = new Inbox(chunk => this.#tell(other => other.#wasRead(chunk.length)))
  }

  /** Neither side will send any more. */
  get over(): boolean {
    return this.#state === 'broken' || (this.#state === 'closed' && this.#remoteClosed)
  }

  send(bytes: Uint8Array): boolean {
    this.#checkWritable()
    const copy = bytes.slice()
    this.#unread += copy.length
    if (this.#unread > CUT_AT) this.abort(new Error('the write buffer overflowed'))
    else this.#tell(other => other.#receive(copy))
    return this.#unread < FULL_AT
  }

  async drained(signal?: AbortSignal): Promise<void> {
    while (this.#state === 'open' && this.#unread >= FULL_AT) {
      signal?.throwIfAborted()
      await new Promise<void>(resolve => {
        this.#waiting.add(resolve)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    signal?.throwIfAborted()
    this.#checkWritable()
  }

  incoming(): AsyncIterable<Uint8Array> {
    return this.#inbox.read()
  }

  async close(): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'closed'
    this.#rouse()
    this.#tell(other => other.#remoteEnded())
  }

  abort(reason: Error): void {
    if (this.over) return
    this.#break(reason)
    this.#tell(other => other.#break(reason))
  }

  #tell(action: (other: MemoryStream) => void): void {
    const other = this.#other
    if (other !== undefined) this.#deliver(() => action(other))
  }

  #receive(bytes: Uint8Array): void {
    if (this.#state !== 'broken') this.#inbox.push(bytes)
  }

  #wasRead(bytes: number): void {
    this.#unread -= bytes
    if (this.#unread < FULL_AT) this.#rouse()
  }

  #remoteEnded(): void {
    this.#remoteClosed = true
    this.#inbox.finish()
  }

  #break(reason: Error): void {
    if (this.over) return
    this.#state = 'broken'
    this.#inbox.finish(new AmpError('unreachable', 'the stream is closed', reason.message, reason))
    this.#rouse()
  }

  #rouse(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #checkWritable(): void {
    if (this.#state !== 'open') throw this.#inbox.failure ?? new AmpError('unreachable', 'the stream is closed')
  }
}
