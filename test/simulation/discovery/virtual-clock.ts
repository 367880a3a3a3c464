/** Time of a simulation: it stands still until told, then runs what falls due, in order. */
import type { Cancel, Clock } from '@amp-mesh/protocol'

interface Timer {
  at: number
  order: number
  action: (() => void) | undefined
}

export class VirtualClock implements Clock {
  /** A heap, the next due first. */
  readonly #timers: Timer[] = []
  #now: number
  #order = 0

  constructor(now = 1_800_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, action: () => void): Cancel {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, action }
    this.#push(timer)
    return () => {
      timer.action = undefined
    }
  }

  /** Lets `ms` pass. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    while ((this.#timers[0]?.at ?? Number.POSITIVE_INFINITY) <= end) await this.#step()
    this.#now = end
  }

  /** Lets time pass until the promise has settled. Throws when nothing is left that it could wait for. */
  async until<T>(outcome: Promise<T>): Promise<T> {
    let isSettled = false
    const note = () => {
      isSettled = true
    }
    outcome.then(note, note)
    await settle()
    while (!isSettled) {
      if (this.#timers.length === 0) throw new Error('the simulation waits for nothing')
      await this.#step()
    }
    return outcome
  }

  /** Runs all that falls due next, and lets promises follow. */
  async #step(): Promise<void> {
    this.#now = Math.max(this.#now, this.#timers[0]?.at ?? 0)
    while ((this.#timers[0]?.at ?? Number.POSITIVE_INFINITY) <= this.#now) this.#pop()?.action?.()
    await settle()
  }

  #push(timer: Timer): void {
    const heap = this.#timers
    let at = heap.length
    heap.push(timer)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(timer, heap[parent] as Timer)) break
      heap[at] = heap[parent] as Timer
      at = parent
    }
    heap[at] = timer
  }

  #pop(): Timer | undefined {
    const heap = this.#timers
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child += 1
      if (child >= heap.length || !isBefore(heap[child] as Timer, last)) break
      heap[at] = heap[child] as Timer
      at = child
    }
    heap[at] = last
    return first
  }
}

const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order)

/** Microtasks all run before the next immediate. */
const settle = () => new Promise<void>(resolve => setImmediate(resolve))
