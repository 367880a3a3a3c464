/** A space as one client follows it: the records there are or the latest of them, in order, then those that come. */
import { inOrder, question } from '@amp-mesh/context'
import { AmpError, type Cancel, GATEWAY_LIMITS, type Rec } from '@amp-mesh/protocol'
import type { Space } from '../contract.ts'
import { isShown } from './shown.ts'

export interface Reader {
  tell(record: Rec): void
  /** Resolves when the reader has room for more. */
  flow(): Promise<void>
}

export class SpaceWatch {
  readonly space: Space
  readonly #reader: Reader
  readonly #unsubscribe: Cancel
  /** What came while older records are sent; undefined when none are. */
  #waiting: Rec[] | undefined
  #closed = false

  constructor(space: Space, reader: Reader) {
    this.space = space
    this.#reader = reader
    this.#unsubscribe = space.replica.subscribe(news => this.#heard(news.filter(isShown)))
  }

  /**
   * Sends all records there are, or the question and the `last` ones, and returns how many. Rejects with `busy` when
   * more come meanwhile than may wait, and when it is already sending them.
   */
  async replay(last = Number.POSITIVE_INFINITY): Promise<number> {
    if (this.#waiting !== undefined) throw new AmpError('busy', 'the records of this space are being sent already')
    const waiting: Rec[] = []
    this.#waiting = waiting
    try {
      let count = 0
      const { records } = this.space.replica
      const all = [...records.all()].filter(isShown).sort(inOrder)
      const asked = question(records, this.space.genesis)
      const from = Math.max(0, all.length - last)
      const excerpt = all.filter((record, n) => n >= from || record === asked)
      for (let next = excerpt; next.length > 0; next = waiting.splice(0)) count += await this.#send(next)
      return count
    } finally {
      this.#waiting = undefined
    }
  }

  close(): void {
    this.#closed = true
    this.#unsubscribe()
  }

  async #send(records: readonly Rec[]): Promise<number> {
    for (const record of records) {
      if (this.#closed) throw new AmpError('busy', 'the space was left while its records were sent')
      if ((this.#waiting?.length ?? 0) > GATEWAY_LIMITS.waiting)
        throw new AmpError('busy', 'more is said in this space than you read; join it again')
      await this.#reader.flow()
      this.#reader.tell(record)
    }
    return records.length
  }

  #heard(news: readonly Rec[]): void {
    if (this.#waiting === undefined) for (const record of news) this.#reader.tell(record)
    else if (this.#waiting.length <= GATEWAY_LIMITS.waiting) this.#waiting.push(...news)
  }
}
