/** Many measurements in two figures. */

/** ms. */
export interface Summary {
  median: number
  max: number
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

export const summary = (values: readonly number[]): Summary => ({
  median: Math.round(median(values)),
  max: Math.round(Math.max(...values)),
})
