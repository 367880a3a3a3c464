/** Whether confidence means what it says: how often the first answer is right, beside how sure the search was of it. */
import { mean, type Outcome } from './recall.ts'

/** First answers whose confidence lies in one tenth. */
export interface Bin {
  readonly from: number
  readonly count: number
  readonly confidence: number
  readonly right: number
}

export interface Calibration {
  readonly bins: readonly Bin[]
  /** Mean distance of confidence and share right, over the bins, weighed by their counts. */
  readonly error: number
  /** The same where the curve was fitted on all other sources: what a new source may expect. */
  readonly errorElsewhere: Readonly<Record<string, number>>
  /** Evidence is to be stretched by this, the other sources say: 1 where they agree with the product's curve. */
  readonly stretch: Readonly<Record<string, number>>
}

interface First {
  readonly confidence: number
  readonly isRight: boolean
}

/** Each source counts alike in a fit, however many requests it has. */
export function calibrationOf(outcomes: ReadonlyMap<string, readonly Outcome[]>): Calibration {
  const firsts = new Map([...outcomes].map(([source, list]) => [source, list.flatMap(firstOf)]))
  const errorElsewhere: Record<string, number> = {}
  const stretch: Record<string, number> = {}
  for (const [source, own] of firsts) {
    const factor = likeliest([...firsts].filter(([other]) => other !== source).map(([, list]) => list))
    stretch[source] = factor
    errorElsewhere[source] = errorOf(binsOf(own.map(first => stretched(first, factor))))
  }
  const bins = binsOf([...firsts.values()].flat())
  return { bins, error: errorOf(bins), errorElsewhere, stretch }
}

function firstOf({ at1, found: [first] }: Outcome): First[] {
  return first?.score === undefined ? [] : [{ confidence: first.score, isRight: at1 > 0 }]
}

function binsOf(firsts: readonly First[]): Bin[] {
  return Array.from({ length: 10 }, (_, tenth) => {
    const own = firsts.filter(({ confidence }) => Math.min(9, Math.floor(confidence * 10)) === tenth)
    const right = mean(own.map(({ isRight }) => (isRight ? 1 : 0)))
    return { from: tenth / 10, count: own.length, confidence: mean(own.map(({ confidence }) => confidence)), right }
  }).filter(({ count }) => count > 0)
}

function errorOf(bins: readonly Bin[]): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  return bins.reduce((sum, { count, confidence, right }) => sum + (count / total) * Math.abs(confidence - right), 0)
}

/** The product's curve is 1 - exp(-evidence / scale): with another scale, confidence is this. */
const stretched = ({ confidence, isRight }: First, factor: number): First => ({
  confidence: 1 - (1 - confidence) ** factor,
  isRight,
})

/** The factor with the greatest likelihood; 1 where there is nothing to learn from. */
function likeliest(sources: readonly (readonly First[])[]): number {
  const likelihood = (factor: number) => {
    const logs = sources.map(list =>
      mean(
        list.map(first => {
          const { confidence, isRight } = stretched(first, factor)
          return Math.log(Math.max(1e-6, isRight ? confidence : 1 - confidence))
        }),
      ),
    )
    return mean(logs)
  }
  if (sources.length === 0) return 1
  const factors = Array.from({ length: 61 }, (_, i) => 0.4 + i * 0.03)
  return factors.reduce((a, b) => (likelihood(b) > likelihood(a) ? b : a))
}
