/** Randomness of the machine, good enough for keys. */
import { randomBytes } from 'node:crypto'
import type { Random } from '@amp-mesh/protocol'

export const systemRandom: Random = {
  bytes: length => new Uint8Array(randomBytes(length)),
  float: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
}
