/** All rivals in turn, again and again, in short rounds: what the machine does meanwhile, it does to all of them. */
import { median } from '../figures/summary.ts'
import { contender, type Name } from './contenders.ts'
import { type Rate, Rival, type RoundTrips } from './rival.ts'

/** What one did in one round. */
export interface Round {
  small: Rate
  large?: Rate
  /** p50, ms. */
  roundTrip: number
}

export interface Row {
  key: Name
  name: string
  /** Why there are no figures. */
  missing?: string
  /** The n-th of all rows were measured one after the other. */
  rounds: Round[]
  small?: Rate
  large?: Rate
  roundTrips?: RoundTrips
}

/** Messages of a round; 0 of large ones: none. */
export interface Effort {
  rounds: number
  small: number
  large: number
  roundTrips: number
}

export const SMALL = 200
export const LARGE = 4_096

/** Medians over the rounds; of round trips all of them together. */
export async function compare(names: readonly Name[], effort: Effort, tell: (word: string) => void): Promise<Row[]> {
  const rows: Row[] = []
  const rivals: [Row, Rival, number][] = []
  for (const key of names) {
    const { name, missing: why, share = 1 } = await contender(key)
    const missing = why?.()
    const row: Row = { key, name, rounds: [], ...(missing !== undefined && { missing }) }
    rows.push(row)
    if (missing !== undefined) continue
    tell(`starting ${row.name}`)
    rivals.push([row, await Rival.start(key), share])
  }
  const roundTrips = new Map<Row, number[]>(rivals.map(([row]) => [row, []]))
  for (let round = 0; round <= effort.rounds; round++) {
    tell(round === 0 ? 'warming up' : `round ${round} of ${effort.rounds}`)
    for (const [row, rival, whole] of rivals) {
      const share = round === 0 ? 0.2 * whole : whole
      const small = await rival.rate(SMALL, Math.ceil(effort.small * share))
      const large = effort.large === 0 ? undefined : await rival.rate(LARGE, Math.ceil(effort.large * share))
      const took = await rival.roundTrips(Math.ceil(effort.roundTrips * share))
      if (round === 0) continue
      row.rounds.push({ small, ...(large && { large }), roundTrip: quantiles(took).p50 })
      roundTrips.get(row)?.push(...took)
    }
  }
  for (const [row, rival] of rivals) {
    const large = row.rounds.flatMap(round => round.large ?? [])
    row.small = inTheMiddle(row.rounds.map(({ small }) => small))
    if (large.length > 0) row.large = inTheMiddle(large)
    row.roundTrips = quantiles(roundTrips.get(row) ?? [])
    await rival.close()
  }
  return rows
}

const inTheMiddle = (rates: readonly Rate[]): Rate => ({
  perSecond: median(rates.map(({ perSecond }) => perSecond)),
  micros: median(rates.map(({ micros }) => micros)),
})

export function quantiles(values: readonly number[]): RoundTrips {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}
