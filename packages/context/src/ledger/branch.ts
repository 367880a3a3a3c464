/** Another history of a log than the one we took for it, its trunk: signed segments that part from that somewhere. */
import { LEDGER_LIMITS, WIRE_LIMITS } from '@amp-mesh/protocol'
import { type History, lastOf, type Piece, partingOf } from './history.ts'
import { costOf, type Entry, entryLength, SEGMENT_HEAD, SIGNATURE } from './segment.ts'

/** A piece of which the entries up to `end` are of a branch; its signature may stand further on. */
interface Part {
  readonly piece: Piece
  readonly end: number
}

export class Branch implements History {
  /** The first entry that is not the trunk's. */
  readonly parting: number
  readonly #trunk: History
  readonly #parts: readonly Part[]
  /** Quota used behind the trunk. */
  readonly #spent: number

  private constructor(trunk: History, parting: number, parts: readonly Part[], spent?: number) {
    this.parting = parting
    this.#trunk = trunk
    this.#parts = parts
    this.#spent = spent ?? this.#cost(parting, this.end)
  }

  /** `piece` joins the trunk and parts from it. */
  static from(trunk: History, piece: Piece): Branch {
    return new Branch(trunk, partingOf(trunk, piece), [whole(piece)])
  }

  get end(): number {
    return (this.#parts.at(-1) as Part).end
  }

  get pieces(): readonly Piece[] {
    return this.#parts.map(({ piece }) => piece)
  }

  hashAt(seq: number): Uint8Array | undefined {
    if (seq < this.parting) return this.#trunk.hashAt(seq)
    const piece = this.#pieceOf(seq)
    return piece?.hashes[seq - piece.segment.from]
  }

  timeAt(seq: number): number | undefined {
    return seq < this.parting ? this.#trunk.timeAt(seq) : this.entry(seq)?.time
  }

  /** From where it parts on. */
  entry(seq: number): Entry | undefined {
    const piece = this.#pieceOf(seq)
    return piece?.segment.entries[seq - piece.segment.from]
  }

  spentAt(seq: number): number {
    const common = this.#trunk.spentAt(Math.min(seq, this.parting - 1))
    return common + (seq >= this.end ? this.#spent : this.#cost(this.parting, seq))
  }

  /** This history up to where `piece`, which joins it, parts from it or goes on; then the piece. */
  with(piece: Piece): Branch {
    const at = partingOf(this, piece)
    if (at <= this.parting) return Branch.from(this.#trunk, piece)
    const before = this.#parts.filter(({ piece: { segment } }) => segment.from < at)
    const parts = before.map(part => ({ ...part, end: Math.min(part.end, at - 1) }))
    const last = parts.at(-1) as Part
    const merged = last.end === lastOf(last.piece) ? joined(last.piece, piece) : undefined
    const next = merged === undefined ? [...parts, whole(piece)] : [...parts.slice(0, -1), whole(merged)]
    const fresh = piece.segment.entries.slice(at - piece.segment.from)
    return new Branch(this.#trunk, this.parting, next, at > this.end ? this.#spent + costOf(fresh) : undefined)
  }

  /** The same with other bytes in place of some: what `filled` makes of each piece. */
  refilled(filled: (piece: Piece) => Piece): Branch {
    const parts = this.#parts.map(part => ({ ...part, piece: filled(part.piece) }))
    return new Branch(this.#trunk, this.parting, parts, this.#spent)
  }

  #pieceOf(seq: number): Piece | undefined {
    // the first that has it: a later piece may repeat entries, without bytes that we hold
    return this.#parts.find(({ piece, end }) => piece.segment.from <= seq && seq <= end)?.piece
  }

  #cost(from: number, to: number): number {
    let sum = 0
    for (let seq = from; seq <= to; seq++) sum += costOf([this.entry(seq) as Entry])
    return sum
  }
}

const whole = (piece: Piece): Part => ({ piece, end: lastOf(piece) })

/** Both as one segment, as long as that may be: else an author could have us keep a segment for every entry. */
function joined(a: Piece, b: Piece): Piece | undefined {
  const skip = lastOf(a) + 1 - b.segment.from
  const entries = [...a.segment.entries, ...b.segment.entries.slice(skip)]
  const bytes = entries.reduce((sum, entry) => sum + entryLength(entry), SEGMENT_HEAD + SIGNATURE)
  if (entries.length > LEDGER_LIMITS.entriesPerSegment || bytes > WIRE_LIMITS.segment) return undefined
  const segment = { ...a.segment, entries, signature: b.segment.signature }
  return { segment, hashes: [...a.hashes, ...b.hashes.slice(skip)] }
}
