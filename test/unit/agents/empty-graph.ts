/** The graph of a space in which nothing was said, and nothing can be. */
import { LedgerGraph, Records } from '@amp-mesh/context'
import { LexicalEmbedder } from '@amp-mesh/discovery'
import type { Graph } from '@amp-mesh/protocol'
import { genesis, identity, SimulatedClock } from '../../simulation/space.ts'

export const emptyGraph: Graph = new LedgerGraph({
  genesis: genesis(),
  replica: { records: new Records(), subscribe: () => () => {} },
  append: async () => [],
  self: identity(0).publicKey,
  embedder: new LexicalEmbedder(),
  clock: new SimulatedClock(),
})
