/** Segments that came too early: of keys not admitted yet, or from the future. Bounded, and a matter of time only. */
import { LEDGER_LIMITS, type PublicKey, type SpaceLimits } from '@amp-mesh/protocol'
import type { Segment } from './segment.ts'

/** When an entry may count, ms since the epoch: nobody's clock is further behind than the skew allows. */
export const dueAt = ({ entries }: Pick<Segment, 'entries'>, { skewMs }: SpaceLimits): number =>
  (entries.at(-1)?.time ?? 0) - skewMs

interface Waiting {
  readonly by: PublicKey
  readonly bytes: Uint8Array
}

/** Segments of keys that no verifier admitted yet. When it is full the oldest goes: sync brings it again. */
export class WaitingRoom {
  readonly #segments = new Map<string, Waiting>()
  #bytes = 0

  /** `name`: equal for equal segments. */
  add(name: string, by: PublicKey, bytes: Uint8Array): void {
    if (this.#segments.has(name)) return
    this.#segments.set(name, { by, bytes })
    this.#bytes += bytes.length
    for (const oldest of this.#segments.keys()) {
      if (this.#segments.size <= LEDGER_LIMITS.waitingSegments && this.#bytes <= LEDGER_LIMITS.waitingBytes) break
      this.#remove(oldest)
    }
  }

  /** Takes out what waits of a key, in the order it came. */
  take(by: PublicKey): Uint8Array[] {
    const own = [...this.#segments].filter(([, waiting]) => waiting.by === by)
    for (const [name] of own) this.#remove(name)
    return own.map(([, { bytes }]) => bytes)
  }

  keys(): ReadonlySet<PublicKey> {
    return new Set([...this.#segments.values()].map(waiting => waiting.by))
  }

  #remove(name: string): void {
    this.#bytes -= this.#segments.get(name)?.bytes.length ?? 0
    this.#segments.delete(name)
  }
}

/** Segments whose time has not come. When it is full the newest are not kept: sync brings them again. */
export class Deferred {
  #segments: { readonly due: number; readonly bytes: Uint8Array }[] = []
  #bytes = 0

  add(due: number, bytes: Uint8Array): 'deferred' {
    if (this.#bytes + bytes.length <= LEDGER_LIMITS.deferredBytes) {
      this.#segments.push({ due, bytes })
      this.#bytes += bytes.length
    }
    return 'deferred'
  }

  /** Takes out what is due, earliest first. */
  take(now: number): Uint8Array[] {
    const due = this.#segments.filter(each => each.due <= now).sort((a, b) => a.due - b.due)
    this.#segments = this.#segments.filter(each => each.due > now)
    this.#bytes = this.#segments.reduce((sum, each) => sum + each.bytes.length, 0)
    return due.map(each => each.bytes)
  }
}
