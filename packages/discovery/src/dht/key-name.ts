/**
 * Names of keys: a stem (`hotel`), several stems that a card has all of (`book hotel`), or a centroid of an embedder's
 * frozen codebook (`#<space>/17`). Where a name lies in the DHT: {@link wordKey}.
 */
import type { HeldCard } from './held-card.ts'

/** Centroids of a codebook. */
const CENTROIDS = 65_536
const CENTROID = /^#(.+)\/(\d{1,5})$/
/** Stems of one key: two that are too frequent alone, or three. */
const STEMS = 3

export const nameOfStems = (stems: readonly string[]): string => [...stems].sort().join(' ')

export const nameOfCentroid = (space: string, centroid: number): string => `#${space}/${centroid}`

/** Whether a card may be under the key: its heaviest words it says itself, of a space it must have vectors. */
export function belongsTo(name: string, { features, vectors }: Pick<HeldCard, 'features' | 'vectors'>): boolean {
  const centroid = CENTROID.exec(name)
  if (centroid !== null) return vectors?.space === centroid[1] && Number(centroid[2]) < CENTROIDS
  const stems = name.split(' ')
  return stems.length <= STEMS && nameOfStems(stems) === name && stems.every(stem => features.keys.includes(stem))
}
