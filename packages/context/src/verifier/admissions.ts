/** When a verifier admits keys that wait: whom the peer vouches for, not too many, and not all verifiers at once. */
import { type Clock, LEDGER_LIMITS, type Op, type PublicKey } from '@amp-mesh/protocol'
import type { Ledger } from '../ledger/ledger.ts'

export interface AdmissionsInit {
  ledger: Ledger
  self: PublicKey
  clock: Clock
  /** May this key be admitted now? */
  mayAdmit(pub: PublicKey): boolean
  /** Called when it is time to ask {@link Admissions.due} again. */
  wake(): void
}

/** Admissions one verifier writes per second: a crowd is let in over some seconds, a flood does not fill the log. */
const ADMITS_PER_SECOND = 8
/** Each verifier gives those before it in the genesis this long to admit, ms: one admission is enough. */
const STAGGER_MS = 150

export class Admissions {
  readonly #init: AdmissionsInit
  /** Place among the genesis' verifiers, or -1: not one of them. */
  readonly #place: number
  /** By key: since when it waits. */
  readonly #since = new Map<PublicKey, number>()
  #written: number[] = []

  constructor(init: AdmissionsInit) {
    this.#init = init
    const { open, verifiers } = init.ledger.genesis
    this.#place = open ? verifiers.findIndex(verifier => verifier.pub === init.self) : -1
  }

  /** Admissions to write now. */
  due(): Op<'admit'>[] {
    if (this.#place < 0) return []
    const now = this.#init.clock.now()
    this.#note(now)
    this.#written = this.#written.filter(time => time > now - 1_000)
    const ripe = [...this.#since].filter(([, since]) => now - since >= this.#place * STAGGER_MS)
    const room = Math.min(ADMITS_PER_SECOND - this.#written.length, this.#left())
    const pubs = ripe.map(([pub]) => pub).filter(pub => this.#init.mayAdmit(pub))
    return pubs.slice(0, Math.max(0, room)).map(pub => {
      this.#since.delete(pub)
      this.#written.push(now)
      return { k: 'admit', pub }
    })
  }

  /** Notes who waits since when; for a newcomer that others should admit first, looks again later. */
  #note(now: number): void {
    const waiting = this.#init.ledger.waitingKeys()
    for (const pub of this.#since.keys()) if (!waiting.has(pub)) this.#since.delete(pub)
    for (const pub of waiting) {
      if (this.#since.has(pub)) continue
      this.#since.set(pub, now)
      if (this.#place > 0) this.#init.clock.after(this.#place * STAGGER_MS, this.#init.wake)
    }
  }

  /** How many of this verifier's admissions still count. */
  #left(): number {
    const { ledger, self } = this.#init
    const own = [...ledger.logs()].filter(log => log.by === self)
    const admits = own.flatMap(log => log.records).filter(record => record.op?.k === 'admit')
    return LEDGER_LIMITS.admitsPerVerifier - admits.length
  }
}
