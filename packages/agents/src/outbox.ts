/** What the agents of a peer say in one space, on its way into the ledger, which joins what is said at once. */
import type { Replica } from '@amp-mesh/context'
import { AmpError, flawOfOp, type Op, type Rec } from '@amp-mesh/protocol'

export class Outbox {
  readonly #replica: Pick<Replica, 'append'>
  #closed = false

  constructor(replica: Pick<Replica, 'append'>) {
    this.#replica = replica
  }

  get closed(): boolean {
    return this.#closed
  }

  /**
   * Resolves once the record is stored. Rejects with `bad-input` on what no reader would understand, with `stopped`
   * after `close`, and as the ledger's `append` does.
   */
  async say(op: Op): Promise<Rec> {
    if (this.#closed) throw new AmpError('stopped', 'this collaboration is over: nothing more can be said in it')
    const flaw = flawOfOp(op)
    if (flaw !== undefined) throw new AmpError('bad-input', `not a sound ${op.k}: ${flaw}`)
    const [record] = await this.#replica.append([op])
    if (record === undefined) throw new AmpError('internal', 'the ledger stored nothing')
    return record
  }

  close(): void {
    this.#closed = true
  }
}
