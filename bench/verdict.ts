/** What a benchmark has to reach, and whether it did. */

export interface Verdict {
  readonly target: string
  readonly measured: number
  /** What it must be at least (`min`) or at most (`max`). */
  readonly min?: number
  readonly max?: number
}

/**
 * Prints what a benchmark measured, and whether that is enough: as lines, or as one JSON object. Returns the exit code.
 */
export function conclude(
  bench: string,
  { figures, table, verdicts }: { figures: object; table: readonly string[]; verdicts: readonly Verdict[] },
  json: boolean,
): 0 | 1 {
  const pass = verdicts.every(isReached)
  const judged = verdicts.map(verdict => ({ ...verdict, reached: isReached(verdict) }))
  const lines = json
    ? [JSON.stringify({ bench, ...figures, verdicts: judged, pass })]
    : [...table, '', ...verdicts.map(lineOf)]
  process.stdout.write(`${lines.join('\n')}\n`)
  return pass ? 0 : 1
}

const isReached = ({ measured, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Verdict) =>
  measured >= min && measured <= max

function lineOf(verdict: Verdict): string {
  const { target, measured, min, max } = verdict
  const bound = min === undefined ? `≤ ${shown(max ?? 0)}` : `≥ ${shown(min)}`
  return `${isReached(verdict) ? 'reached' : 'MISSED '}  ${target.padEnd(64)}${shown(measured).padStart(8)}   ${bound}`
}

const shown = (value: number) => value.toFixed(Math.abs(value) < 1 ? 3 : Math.abs(value) < 10 ? 2 : 0)
