/** Rule R1 by a space's limits: how much one entry may hold. */
import type { SpaceLimits } from '@amp-mesh/protocol'
import { isForgotten, opsLength, type Segment } from './segment.ts'

export const isWithinBounds = ({ entries }: Pick<Segment, 'entries'>, limits: SpaceLimits): boolean =>
  entries.every(
    entry =>
      entry.ops.length <= limits.opsPerEntry &&
      opsLength(entry) <= limits.entry &&
      entry.ops.every(op => isForgotten(op) || op.length <= limits.op),
  )
