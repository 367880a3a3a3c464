/** What the agents of a peer say in one space, on its way into the ledger: acts said at once become one entry. */
import type { Replica } from '@amp-mesh/context'
import { AmpError, type Op, RECORDS, type Rec } from '@amp-mesh/protocol'

/** Acts of one append: with the longest texts they still fit an entry (256 KiB). */
const BATCH = 16

interface Waiting {
  op: Op
  resolve(record: Rec): void
  reject(error: unknown): void
}

export class Outbox {
  readonly #replica: Pick<Replica, 'append'>
  #waiting: Waiting[] = []
  #sending = false
  #closed = false

  constructor(replica: Pick<Replica, 'append'>) {
    this.#replica = replica
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Resolves once the record is stored. Rejects with `bad-input` on what no reader would understand, with `stopped` after `close`. */
  async say(op: Op): Promise<Rec> {
    if (this.#closed) throw new AmpError('stopped', 'this collaboration is over: nothing more can be said in it')
    if (!RECORDS[op.k].safeParse(op).success)
      throw new AmpError('bad-input', `not a sound ${op.k}: check the lengths of its texts and its record ids`)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ op, resolve, reject })
      if (!this.#sending) void this.#send()
    })
  }

  /** What was not appended yet is not said any more. */
  close(): void {
    this.#closed = true
    const error = new AmpError('stopped', 'this collaboration ended before that was said')
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }

  async #send(): Promise<void> {
    this.#sending = true
    await Promise.resolve() // whatever is said in this same moment goes along
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH)
      try {
        const records = await this.#replica.append(batch.map(({ op }) => op))
        for (const [i, { resolve, reject }] of batch.entries()) {
          const record = records[i]
          if (record === undefined) reject(new AmpError('internal', 'the ledger lost an act'))
          else resolve(record)
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#sending = false
  }
}
