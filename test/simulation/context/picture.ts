/** Everything a reader of a replica can see, as text: equal for equal replicas. */
import * as context from '@amp-mesh/context'
import { GraphDocument, visibleHash } from '@amp-mesh/context/projection'
import type { Genesis } from '@amp-mesh/protocol'

type View = (records: context.Records, genesis: Genesis) => unknown

/** The views of the package; those about one record are shown for each. */
const VIEWS: Readonly<Record<string, View>> = {
  awaited: (records, genesis) => context.awaited(records, genesis, new Set()),
  cancelled: context.cancelled,
  conclusion: context.conclusion,
  conflicts: context.conflicts,
  converged: records => context.converged(records, new Set()),
  coordinators: context.coordinators,
  facts: context.facts,
  heads: records => records.heads(),
  needs: context.needs,
  offers: records => context.offers(records),
  question: context.question,
  records: records => [...records.all()].sort(context.inOrder),
  status: (records, genesis) => each(records, id => context.status(records, genesis, id)),
  opinions: (records, genesis) => each(records, id => context.opinions(records, genesis, id)),
  standing: records => each(records, id => records.standing(id)),
  threads: records => context.threads(records),
  unsettled: records => context.unsettled(records, new Set()),
}

/** By view. `document`: what is visible of the Yjs document. */
export function pictureOf(replica: context.Replica): Map<string, string> {
  const { records, genesis } = replica
  const views = Object.entries(VIEWS).map(([name, view]): [string, string] => [
    name,
    JSON.stringify(view(records, genesis)),
  ])
  const graph = new GraphDocument(replica)
  const document = visibleHash(graph.doc)
  graph.close()
  return new Map([...views, ['document', document], ['opaque', String(records.opaque)]])
}

const each = (records: context.Records, view: (id: string) => unknown) =>
  [...records.all()]
    .map(({ id }) => id)
    .sort()
    .map(id => [id, view(id)])
