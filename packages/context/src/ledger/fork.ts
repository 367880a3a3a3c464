/** A log whose author signed more than one history: where they part, and what is kept of them. */
import { LEDGER_LIMITS, type PublicKey } from '@amp-mesh/protocol'
import { type AckView, ackedSeq, type Bench, finalSeq } from './acks.ts'
import { Branch } from './branch.ts'
import { type History, isSame, joins, lastOf, type Piece, partingOf } from './history.ts'
import { type Entry, isForgotten } from './segment.ts'

/** The history we held first, the trunk, is kept in the log itself. */
export interface Fork {
  /** Lowest sequence known to be signed twice. */
  readonly at: number
  /** A segment that joins the trunk and has another entry at `at`. */
  readonly proof: Piece
  /** Other histories, those first that verifiers acknowledged furthest, then those that grew last. */
  readonly others: readonly Branch[]
}

/** `piece` joins the trunk and parts from it. */
export const openFork = (trunk: History, piece: Piece): Fork => ({
  at: partingOf(trunk, piece),
  proof: piece,
  others: [Branch.from(trunk, piece)],
})

/**
 * Takes in one more segment, that joins `home` (trunk or other history) and has something it lacks. Where there are
 * more histories than can be kept, those go for which least speaks; the newest stays, since what is acknowledged of it
 * may be what comes next.
 */
export function widened(fork: Fork, trunk: History, home: History, piece: Piece, acks: AckView, bench: Bench): Fork {
  const parting = joins(trunk, piece) ? partingOf(trunk, piece) : fork.at
  const isLower = parting < fork.at
  const at = isLower ? parting : fork.at
  const proof = isLower ? piece : fork.proof
  const branch = home instanceof Branch ? home.with(piece) : Branch.from(trunk, piece)
  const goesOn = home instanceof Branch && partingOf(home, piece) > home.end
  const others = [branch, ...fork.others.filter(other => !(goesOn && other === home))]
  const weights = new Map(others.map(other => [other, weight(other, at, acks, bench)]))
  others.sort((a, b) => compare(weights.get(b) as Weight, weights.get(a) as Weight))
  return { at, proof, others: others.slice(0, LEDGER_LIMITS.branches) }
}

/** What of a fork is not in the trunk: to be stored, and passed on. */
export const foreignPieces = ({ proof, others }: Fork): readonly Piece[] => [
  ...new Set([proof, ...others.flatMap(({ pieces }) => pieces)]),
]

/** Bytes of the k-th op of entry `seq`, where that has this hash in a history beside the trunk. */
export function opIn({ others }: Fork, seq: number, hash: Uint8Array | undefined, k: number): Uint8Array | undefined {
  const home = others.find(other => other.parting <= seq && isSame(other.hashAt(seq), hash))
  const op = home?.entry(seq)?.ops[k]
  return op === undefined || isForgotten(op) ? undefined : op
}

/** The same with these bytes for that op, wherever the entry stands. */
export function withOp(fork: Fork, seq: number, hash: Uint8Array | undefined, k: number, bytes: Uint8Array): Fork {
  const done = new Map<Piece, Piece>()
  const filled = (piece: Piece): Piece => {
    const { segment, hashes } = piece
    const i = seq - segment.from
    if (!isSame(hashes[i], hash)) return piece
    const entry = segment.entries[i] as Entry
    const entries = segment.entries.with(i, { ...entry, ops: entry.ops.with(k, bytes) })
    const known = done.get(piece) ?? { segment: { ...segment, entries }, hashes }
    done.set(piece, known)
    return known
  }
  return { ...fork, proof: filled(fork.proof), others: fork.others.map(other => other.refilled(filled)) }
}

/** The same with the bytes of `piece` where they are missing beside the trunk. */
export function mended(fork: Fork, { segment, hashes }: Piece): Fork {
  let done = fork
  for (const [i, { ops }] of segment.entries.entries())
    for (const [k, op] of ops.entries()) {
      const seq = segment.from + i
      const lacks = done.others.some(other => {
        const held = other.parting <= seq && isSame(other.hashAt(seq), hashes[i]) && other.entry(seq)?.ops[k]
        return held && isForgotten(held)
      })
      if (lacks && !isForgotten(op)) done = withOp(done, seq, hashes[i], k, op)
    }
  return done
}

/** The history a segment belongs to: of those it joins, the one it has most in common with. */
export function homeOf(histories: readonly History[], piece: Piece): History | undefined {
  const joined = histories.filter(history => joins(history, piece))
  return joined.sort((a, b) => partingOf(b, piece) - partingOf(a, piece))[0]
}

/** True if nothing in `piece` is new to the history it belongs to. */
export const isKnown = (home: History, piece: Piece): boolean => partingOf(home, piece) > lastOf(piece)

type Weight = readonly [proven: number, verifiers: number]

/** How far a quorum acknowledged a history, and how many verifiers did so from the fork point on. */
function weight(history: History, at: number, acks: AckView, bench: Bench): Weight {
  const standing = [...acks].filter(([by]: readonly [PublicKey, unknown]) => !bench.broken.has(by))
  const verifiers = standing.filter(([, acked]) => ackedSeq(history, acked) >= at).length
  return [Math.max(finalSeq(history, acks, bench), at - 1), verifiers]
}

const compare = (a: Weight, b: Weight) => a[0] - b[0] || a[1] - b[1]
