/** A clock for many peers in one process: time jumps from one thing that is due to the next. */
import type { Cancel, Clock } from '@amp-mesh/protocol'

export class VirtualClock implements Clock {
  #now = 1_700_000_000_000
  /** What is due, by the millisecond. */
  readonly #due = new Map<number, Set<() => void>>()
  /** The keys of `#due`, a binary heap. */
  readonly #times: number[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, action: () => void): Cancel {
    const at = this.#now + Math.max(0, Math.ceil(ms))
    const own = () => action()
    const slot = this.#due.get(at)
    if (slot === undefined) {
      this.#due.set(at, new Set([own]))
      this.#push(at)
    } else slot.add(own)
    return () => this.#due.get(at)?.delete(own)
  }

  /** Goes on until `done`, looked at whenever time moves, or for `ms` at most. True when it was done. */
  async run(ms: number, done: () => boolean = () => false): Promise<boolean> {
    const end = this.#now + ms
    await settled()
    while (!done()) {
      const [next = Number.POSITIVE_INFINITY] = this.#times
      if (next > end) {
        this.#now = end
        return false
      }
      this.#now = next
      // what an action makes due at once joins the slot that is being emptied
      const slot = this.#due.get(next) ?? new Set()
      while (slot.size > 0) {
        for (const action of slot) {
          slot.delete(action)
          action()
        }
        await settled()
      }
      this.#pop()
      this.#due.delete(next)
    }
    return true
  }

  #push(at: number): void {
    const heap = this.#times
    let i = heap.push(at) - 1
    for (let up = (i - 1) >> 1; i > 0 && (heap[up] as number) > at; up = (i - 1) >> 1) {
      heap[i] = heap[up] as number
      i = up
    }
    heap[i] = at
  }

  #pop(): void {
    const heap = this.#times
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++
      if (child >= heap.length || (heap[child] as number) >= last) break
      heap[i] = heap[child] as number
      i = child
    }
    heap[i] = last
  }
}

/** All that waits for nothing but promises has run: microtasks end before this does. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
