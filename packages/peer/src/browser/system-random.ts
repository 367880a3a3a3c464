/** Randomness of the browser, good enough for keys; there in insecure contexts too. */
import type { Random } from '@amp-mesh/protocol'

export const systemRandom: Random = {
  bytes: length => crypto.getRandomValues(new Uint8Array(length)),
  float: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
}
