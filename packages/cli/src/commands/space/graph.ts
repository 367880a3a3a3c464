/** The graph of a stored space, to be read: nothing new arrives in it, and nothing can be said. */
import { LedgerGraph } from '@amp-mesh/context'
import { LexicalEmbedder } from '@amp-mesh/discovery'
import { AmpError, type Graph } from '@amp-mesh/protocol'
import type { StoredSpace } from '../../stored-space.ts'

export const graphOf = ({ genesis, records }: StoredSpace): Graph =>
  new LedgerGraph({
    genesis,
    replica: { records, subscribe: () => () => {} },
    append: () => Promise.reject(new AmpError('not-allowed', 'a stored space can only be read')),
    self: genesis.founder,
    embedder: new LexicalEmbedder(),
    clock: {
      now: () => Date.now(),
      after: (ms, action) => {
        const timer = setTimeout(action, ms)
        return () => clearTimeout(timer)
      },
    },
  })
