/**
 * Names of keys: a stem (`hotel`), or a centroid of an embedder's frozen codebook (`#<space>/17`). Where a name lies in
 * the DHT: {@link wordKey}.
 */
import type { HeldCard } from './held-card.ts'

/** Centroids of a codebook. */
const CENTROIDS = 65_536
const CENTROID = /^#(.+)\/(\d{1,5})$/

/** Whether a card may be under the key: its heaviest words it says itself, of a space it must have vectors. */
export function belongsTo(name: string, { features, vectors }: Pick<HeldCard, 'features' | 'vectors'>): boolean {
  const centroid = name.startsWith('#') ? CENTROID.exec(name) : null
  if (centroid === null) return features.keys.includes(name)
  return vectors?.space === centroid[1] && Number(centroid[2]) < CENTROIDS
}
