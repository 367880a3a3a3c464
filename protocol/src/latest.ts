/** Maps that keep what was put last: how most that grows keeps its bound. */

/** Puts a value as the latest; of more than `bound` those not put for longest go. */
export function putLatest<K, V>(map: Map<K, V>, key: K, value: V, bound: number): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= bound) return
    map.delete(oldest)
  }
}
