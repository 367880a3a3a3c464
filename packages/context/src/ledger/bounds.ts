/** Rule R1 by a space's limits: how much one entry may hold, whether its bytes are here or were forgotten. */
import type { SpaceLimits } from '@amp-mesh/protocol'
import { opsLength, type Segment } from './segment.ts'

export const isWithinBounds = ({ entries }: Pick<Segment, 'entries'>, limits: SpaceLimits): boolean =>
  entries.every(
    entry =>
      entry.ops.length <= limits.opsPerEntry &&
      opsLength(entry) <= limits.entry &&
      entry.ops.every(({ length }) => length <= limits.op),
  )
