/** The letters of one sender in one of its epochs: which were taken, which are durable, what became of them. Pure. */
import { DELIVERY_LIMITS, type Letter, type Outcome } from '@amp-mesh/protocol'

/**
 * Rules: a sender sends in order, so one number says what was taken; whatever is not beyond it is known. A letter whose
 * predecessor is missing is not taken: the sender will send again. Only what is durable is acknowledged.
 */
export class InboxLine {
  readonly epoch: number
  #taken: number
  #stored: number
  #settled = 0
  /** Of letters that were handled, until the sender has settled them. */
  readonly #outcomes = new Map<number, Outcome>()
  /** Letters that wait to be handled, by sequence: bytes of their bodies. */
  readonly #open = new Map<number, number>()
  #openBytes = 0

  /** `stored`: what the disk says. */
  constructor(epoch: number, stored = 0) {
    this.epoch = epoch
    this.#taken = stored
    this.#stored = stored
  }

  /** All letters up to this one are durable here. */
  get stored(): number {
    return this.#stored
  }

  /** Outcomes below are not waited for. */
  get settled(): number {
    return this.#settled
  }

  get openCount(): number {
    return this.#open.size
  }

  get openBytes(): number {
    return this.#openBytes
  }

  /** Letters that were taken and are not durable yet. */
  get arriving(): number {
    return this.#taken - this.#stored
  }

  /** Of letters in their order, behind `after`: those that are new, as far as there is room for `room` of them. */
  take(after: number, letters: readonly Letter[], room: number): Letter[] {
    const taken: Letter[] = []
    if (after > this.#taken) return taken
    for (const letter of letters) {
      if (letter.seq <= this.#taken) continue
      if (taken.length >= room) break
      this.#taken = letter.seq
      this.opened(letter.seq, letter.body.length)
      taken.push(letter)
    }
    return taken
  }

  /** A letter waits to be handled: of `take`, or found on the disk. */
  opened(seq: number, bytes: number): void {
    this.#open.set(seq, bytes)
    this.#openBytes += bytes
  }

  /** All that was taken up to `seq` is on the disk. */
  durable(seq: number): void {
    this.#stored = Math.max(this.#stored, seq)
  }

  /** The disk refused what was taken beyond `stored`: it is as if it had not come. */
  failed(): void {
    for (const seq of [...this.#open.keys()]) if (seq > this.#stored) this.#close(seq)
    this.#taken = this.#stored
  }

  /** What became of a letter. Returns the outcomes that were kept longest and are too many now. */
  handled(outcome: Outcome): number[] {
    this.#close(outcome.seq)
    if (outcome.seq >= this.#settled) this.#outcomes.set(outcome.seq, outcome)
    const surplus = [...this.#outcomes.keys()].slice(0, Math.max(0, this.#outcomes.size - DELIVERY_LIMITS.outcomes))
    for (const seq of surplus) this.#outcomes.delete(seq)
    return surplus
  }

  /** The sender waits for no outcome below `seq`. Returns those that may be forgotten. */
  settle(seq: number): number[] {
    if (seq <= this.#settled) return []
    this.#settled = seq
    const done = [...this.#outcomes.keys()].filter(each => each < seq)
    for (const each of done) this.#outcomes.delete(each)
    return done
  }

  outcomes(): Outcome[] {
    return [...this.#outcomes.values()]
  }

  #close(seq: number): void {
    this.#openBytes -= this.#open.get(seq) ?? 0
    this.#open.delete(seq)
  }
}

/** How many letters more a sender of these lines may send. */
export function creditOf(lines: Iterable<InboxLine>): number {
  let [count, bytes] = [0, 0]
  for (const line of lines) {
    count += line.openCount
    bytes += line.openBytes
  }
  if (bytes >= DELIVERY_LIMITS.unhandledBytes) return 0
  return Math.max(0, Math.min(DELIVERY_LIMITS.window, DELIVERY_LIMITS.unhandled - count))
}
