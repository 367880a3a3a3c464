/** A program in a process of its own that is given orders and answers each of them. */
import { type ChildProcess, fork } from 'node:child_process'

/** What a program does, by the names of its orders. */
export type Duties = Record<string, (order: never) => unknown>
type OrderOf<D extends Duties, Name extends keyof D> = Parameters<D[Name]>[0]
type AnswerOf<D extends Duties, Name extends keyof D> = Awaited<ReturnType<D[Name]>>
interface Answer {
  n: number
  value?: unknown
  error?: string
}

export class Servant<D extends Duties, News = never> {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #orders = 0

  /** `onNews`: what it tells without having been asked. */
  constructor(program: URL, onNews: (news: News) => void = () => {}) {
    this.#child = fork(program.pathname, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child.on('message', (message: Answer | { news: News }) => {
      if ('news' in message) onNews(message.news)
      else this.#answered(message)
    })
    this.#child.once('exit', code => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${program.pathname} ended with ${code}`))
    })
  }

  order<Name extends keyof D & string>(name: Name, order: OrderOf<D, Name>): Promise<AnswerOf<D, Name>> {
    const n = this.#orders++
    const answer = Promise.withResolvers<unknown>()
    this.#waiting.set(n, answer)
    this.#child.send({ n, name, order }, error => error && answer.reject(error))
    return answer.promise as Promise<AnswerOf<D, Name>>
  }

  /** kill -9. Resolves when the process is gone. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await gone
  }

  #answered({ n, value, error }: Answer): void {
    const waiting = this.#waiting.get(n)
    this.#waiting.delete(n)
    if (error === undefined) waiting?.resolve(value)
    else waiting?.reject(new Error(error))
  }
}

/** Does what the parent orders, until it is gone; returns how to tell it something unasked. */
export function serve<News>(duties: Duties): (news: News) => void {
  process.on('disconnect', () => process.exit(0))
  process.on('message', async ({ n, name, order }: { n: number; name: string; order: never }) => {
    try {
      process.send?.({ n, value: (await duties[name]?.(order)) ?? null } satisfies Answer)
    } catch (error) {
      process.send?.({ n, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  return news => void process.send?.({ news })
}
