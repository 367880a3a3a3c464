/** What was published lately, by subject: a ring for each, within bounds; the subjects that are quiet longest go. */
import { SUBJECT_LIMITS } from '@amp-mesh/protocol'
import type { Publication } from './publication.ts'

export class Board {
  /** By subject, the longest quiet first; in each the oldest first. */
  readonly #rings = new Map<string, Publication[]>()
  readonly #ids = new Set<string>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get subjects(): number {
    return this.#rings.size
  }

  /** False for what is here already. */
  add(publication: Publication): boolean {
    const { id, subject, body } = publication
    if (this.#ids.has(id)) return false
    const ring = this.#rings.get(subject) ?? []
    this.#rings.delete(subject)
    this.#rings.set(subject, ring)
    // what neighbours remember comes late and stands where its time says
    const at = ring.findLastIndex(({ time }) => time <= publication.time) + 1
    ring.splice(at, 0, publication)
    this.#ids.add(id)
    this.#bytes += body.length
    if (ring.length > SUBJECT_LIMITS.ring) this.#forgetFirst(ring)
    while (this.#bytes > SUBJECT_LIMITS.bytes || this.#rings.size > SUBJECT_LIMITS.subjects) this.#forgetQuietest()
    return true
  }

  /** The last ones under subjects that fit, oldest first. */
  last(fits: (subject: string) => boolean, count: number): Publication[] {
    const found = [...this.#rings].flatMap(([subject, ring]) => (fits(subject) ? ring.slice(-count) : []))
    return count === 0 ? [] : found.sort((a, b) => a.time - b.time).slice(-count)
  }

  #forgetFirst(ring: Publication[]): void {
    const gone = ring.shift()
    if (gone === undefined) return
    this.#ids.delete(gone.id)
    this.#bytes -= gone.body.length
  }

  #forgetQuietest(): void {
    const [subject, ring] = this.#rings.entries().next().value ?? []
    if (subject === undefined || ring === undefined) return
    this.#forgetFirst(ring)
    if (ring.length === 0 || this.#rings.size > SUBJECT_LIMITS.subjects) {
      while (ring.length > 0) this.#forgetFirst(ring)
      this.#rings.delete(subject)
    }
  }
}
