/** The letters to one receiver, in order: which are durable here, on their way, stored there. Pure. */
import { DELIVERY_LIMITS, type Letter } from '@amp-mesh/protocol'

export interface Queued {
  readonly seq: number
  /** Bytes of its body. */
  readonly size: number
  /** ms since the epoch. */
  readonly deadline: number
  /** In memory only while few bytes wait before it; it is on the disk. */
  letter: Letter | undefined
}

/** Letters that may go now, in order, and the one of the line before them. */
export interface Departure {
  readonly after: number
  readonly queued: readonly Queued[]
}

/**
 * Rules: a letter is sent once it is durable here, and only as many as the receiver gives credit for. On a new link,
 * and when no answer came for long, all that is not stored there is sent again, from the first. What it stored is
 * forgotten. A letter leaves in no other way but by its deadline, or when it is withdrawn.
 */
export class OutboxLine {
  readonly epoch: number
  readonly #queued = new Map<number, Queued>()
  #next: number
  #durable: number
  /** Highest sequence sent since the link came, or since all was to be sent again. */
  #sent = 0
  #credit = 0
  #bytes = 0

  /** `next`: sequence of the next new letter. `letters`: what the disk holds, in order. */
  constructor(epoch: number, next = 1, letters: Iterable<Queued> = []) {
    this.epoch = epoch
    this.#next = next
    this.#durable = next - 1
    for (const queued of letters) this.#keep(queued)
  }

  get size(): number {
    return this.#queued.size
  }

  /** Of the letters that wait. */
  get bytes(): number {
    return this.#bytes
  }

  get next(): number {
    return this.#next
  }

  /** Sent, and not known to be stored there. */
  get inFlight(): number {
    let count = 0
    for (const seq of this.#queued.keys()) {
      if (seq > this.#sent) break
      count++
    }
    return count
  }

  /** Takes a new letter in; it is not sent before `durable`. */
  add(letter: Omit<Letter, 'seq'>): Letter {
    const numbered = { seq: this.#next++, ...letter }
    const { seq, deadline, body } = numbered
    const isNear = this.#bytes < DELIVERY_LIMITS.windowBytes
    this.#keep({ seq, deadline, size: body.length, letter: isNear ? numbered : undefined })
    return numbered
  }

  /** All letters up to `seq` are on the disk. */
  durable(seq: number): void {
    this.#durable = Math.max(this.#durable, seq)
  }

  linkUp(): void {
    this.#sent = 0
    this.#credit = DELIVERY_LIMITS.firstCredit
  }

  linkDown(): void {
    this.#sent = 0
    this.#credit = 0
  }

  /** No answer came: what is on its way counts as lost. */
  sendAgain(): void {
    this.#sent = 0
  }

  /** The next letters that may go, at most `window` and `windowBytes` of them with those on their way. */
  departure(): Departure | undefined {
    const queued: Queued[] = []
    let [after, inFlight, bytes] = [0, 0, 0]
    for (const each of this.#queued.values()) {
      if (each.seq > this.#durable || inFlight >= this.#credit) break
      bytes += each.size
      if (inFlight > 0 && bytes > DELIVERY_LIMITS.windowBytes) break
      inFlight++
      if (each.seq <= this.#sent) after = each.seq
      else queued.push(each)
    }
    return queued.length === 0 ? undefined : { after, queued }
  }

  departed(seq: number): void {
    this.#sent = Math.max(this.#sent, seq)
  }

  /** The receiver has stored all up to `stored` and takes `credit` more. Returns the letters that may be forgotten. */
  stored(stored: number, credit: number): Queued[] {
    this.#credit = Math.min(credit, DELIVERY_LIMITS.window)
    const done: Queued[] = []
    for (const each of this.#queued.values()) {
      if (each.seq > Math.min(stored, this.#durable)) break
      done.push(each)
    }
    for (const { seq } of done) this.#drop(seq)
    return done
  }

  /** Takes out the letters whose deadline has passed. */
  expire(now: number): Queued[] {
    const late = [...this.#queued.values()].filter(({ seq, deadline }) => deadline <= now && seq <= this.#durable)
    for (const { seq } of late) this.#drop(seq)
    return late
  }

  /** Takes one letter out, if it is still there. */
  withdraw(seq: number): Queued | undefined {
    const queued = this.#queued.get(seq)
    if (queued !== undefined) this.#drop(seq)
    return queued
  }

  /** The lowest sequence that still waits here. */
  get first(): number {
    for (const seq of this.#queued.keys()) return seq
    return this.#next
  }

  #keep(queued: Queued): void {
    this.#queued.set(queued.seq, queued)
    this.#bytes += queued.size
  }

  #drop(seq: number): void {
    this.#bytes -= this.#queued.get(seq)?.size ?? 0
    this.#queued.delete(seq)
  }
}
