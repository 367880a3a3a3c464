/** Metrics that nobody reads. */
import type { Metrics } from '@amp-mesh/protocol'

export const silentMetrics: Metrics = { count: () => {}, observe: () => {} }
