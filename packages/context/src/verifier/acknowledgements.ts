/** When a verifier acknowledges logs, and which: what it holds durably, never two histories of one log. */
import { type LogId, type Op, type PublicKey, type Random, type Rec, SPACE_LIMITS } from '@amp-mesh/protocol'
import { hash16, isEntry } from '../ledger/acks.ts'
import { verifiersOf } from '../ledger/authors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Log } from '../ledger/log.ts'
import type { Opaque } from '../records.ts'
import type { Timers } from '../timers.ts'

export interface AcknowledgementsInit {
  ledger: Ledger
  self: PublicKey
  timers: Timers
  random: Random
  /** Appends a record nobody waits for. */
  write(op: Op<'ack'>): void
}

/**
 * What is new is acknowledged this long after it came, ms, and up to as much again by chance: a question is answered
 * within seconds, and should be full of words, not of acks.
 */
const ACK_MS = 3_000

/** JSON bytes of `{"heads":[],"k":"ack"}`, and of one head with a sequence of nine digits and its comma. */
const OP_BYTES = 22
const HEAD_BYTES = 62

export class Acknowledgements {
  readonly #init: AcknowledgementsInit
  readonly #isVerifier: boolean
  /** Heads that one record of this space can hold. */
  readonly #room: number
  /** By log of others: the last entry that says more than "I hold that too". Acks alone are not acknowledged. */
  readonly #words = new Map<LogId, number>()

  constructor(init: AcknowledgementsInit) {
    this.#init = init
    const { genesis } = init.ledger
    const { limits } = genesis
    this.#isVerifier = verifiersOf(genesis).has(init.self)
    this.#room = Math.min(SPACE_LIMITS.array, limits.array, Math.floor((limits.op - OP_BYTES) / HEAD_BYTES))
  }

  /** These records are durable now: a verifier acknowledges their logs before long. */
  note(records: Iterable<Rec | Opaque>): void {
    if (!this.#isVerifier) return
    for (const { by, log, seq, op } of records)
      if (by !== this.#init.self && op?.k !== 'ack' && seq > (this.#words.get(log) ?? -1)) this.#words.set(log, seq)
    this.#writeSoon()
  }

  #writeSoon(): void {
    const { timers, random } = this.#init
    if (this.#words.size === 0 || timers.has('ack')) return
    timers.after('ack', ACK_MS * (1 + random.float()), () => {
      const heads = this.#take()
      if (heads.length > 0) this.#init.write({ k: 'ack', heads })
      this.#writeSoon()
    })
  }

  /** The heads to acknowledge now. What does not fit into one record stays for the next. */
  #take(): Op<'ack'>['heads'] {
    const heads: Op<'ack'>['heads'] = []
    for (const [id, word] of this.#words) {
      if (heads.length >= this.#room) break
      this.#words.delete(id)
      const log = this.#init.ledger.log(id)
      if (log !== undefined && this.#mayAcknowledge(log, word)) heads.push([id, log.length - 1, hash16(lastHash(log))])
    }
    return heads
  }

  /** New words in a whole log, and what we acknowledged of it before is of the history we hold now. */
  #mayAcknowledge(log: Log, word: number): boolean {
    const { ledger, self } = this.#init
    // what we lack we do not hold, and who lied about what it said before is not vouched for any further
    if (log.stated.liedAt !== undefined || ledger.forgetting.lacks(log)) return false
    if (log.fork !== undefined || !ledger.takes(log.by, log.epoch)) return false
    const before = ledger.acks.of(log.id).get(self)?.at(-1)
    // a checkpoint that can't be checked any more, what it speaks of was erased since, must have been when it came
    if ((log.stated.uncheckedAt ?? -1) > (before?.[0] ?? -1)) return false
    return before === undefined || (before[0] < word && isEntry(log, ...before))
  }
}

const lastHash = (log: Log) => log.hashAt(log.length - 1) as Uint8Array
