/** Calls between the two sides of a port, both ways: a worker and its page, or two ends of a MessageChannel. */
import { AmpError, type Code } from '@amp-mesh/protocol'

/** What a Worker, a worker's own scope and a MessagePort have in common. */
export interface Port {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  /** A MessagePort keeps its messages until it is started. */
  start?(): void
}

/** Arguments come as the other side sent them: both run the code of one page. */
export type Handlers = Readonly<Record<string, (signal: AbortSignal, ...args: never[]) => unknown>>

type Message =
  | { type: 'call'; id: number; name: string; args: unknown[] }
  | { type: 'abort'; id: number }
  | { type: 'done'; id: number; value: unknown }
  | { type: 'failed'; id: number; code: Code; message: string }

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

export class Calls {
  readonly #port: Port
  readonly #handlers: Handlers
  readonly #waiting = new Map<number, Waiting>()
  readonly #running = new Map<number, AbortController>()
  #calls = 0

  constructor(port: Port, handlers: Handlers) {
    this.#port = port
    this.#handlers = handlers
    port.addEventListener('message', ({ data }) => this.#receive(data as Message))
    port.start?.()
  }

  /** Calls `name` on the other side. Rejects with its AmpError, or when the signal aborts, which it is told. */
  async call<T>(name: string, args: readonly unknown[], signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    const id = this.#calls++
    const aborted = () => {
      this.#send({ type: 'abort', id })
      this.#waiting.get(id)?.reject(signal?.reason)
    }
    signal?.addEventListener('abort', aborted, { once: true })
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiting.set(id, { resolve: value => resolve(value as T), reject })
        this.#send({ type: 'call', id, name, args: [...args] })
      })
    } finally {
      signal?.removeEventListener('abort', aborted)
      this.#waiting.delete(id)
    }
  }

  #receive(message: Message): void {
    if (message.type === 'call') void this.#answer(message.id, message.name, message.args)
    else if (message.type === 'abort') this.#running.get(message.id)?.abort(new AmpError('stopped'))
    else if (message.type === 'done') this.#waiting.get(message.id)?.resolve(message.value)
    else this.#waiting.get(message.id)?.reject(new AmpError(message.code, message.message))
  }

  async #answer(id: number, name: string, args: unknown[]): Promise<void> {
    const running = new AbortController()
    this.#running.set(id, running)
    try {
      const handler = this.#handlers[name]
      if (handler === undefined) throw new AmpError('bad-input', `the other side does not know ${name}`)
      this.#send({ type: 'done', id, value: await handler(running.signal, ...(args as never[])) })
    } catch (error) {
      const code = error instanceof AmpError ? error.code : 'internal'
      this.#send({ type: 'failed', id, code, message: error instanceof Error ? error.message : String(error) })
    } finally {
      this.#running.delete(id)
    }
  }

  #send(message: Message): void {
    this.#port.postMessage(message)
  }
}
