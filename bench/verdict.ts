/** What a benchmark has to reach, and whether it did. */

export interface Verdict {
  readonly target: string
  readonly measured: number
  /** What it must be at least (`min`) or at most (`max`). */
  readonly min?: number
  readonly max?: number
}

export const isReached = ({ measured, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Verdict) =>
  measured >= min && measured <= max

export function lineOf(verdict: Verdict): string {
  const { target, measured, min, max } = verdict
  const bound = min === undefined ? `≤ ${shown(max ?? 0)}` : `≥ ${shown(min)}`
  return `${isReached(verdict) ? 'reached' : 'MISSED '}  ${target.padEnd(64)}${shown(measured).padStart(8)}   ${bound}`
}

const shown = (value: number) => value.toFixed(Math.abs(value) < 1 ? 3 : Math.abs(value) < 10 ? 2 : 0)
