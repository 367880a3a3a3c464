/** What a peer shows of a space: its records and all that views make of them, to be compared before and after. */
import { conclusion, coordinators, offers, type Replica, speakerId, status } from '@amp-mesh/context'
import { GraphDocument, visibleHash } from '@amp-mesh/context/projection'
import type { Genesis, Op, PublicKey, RecordId, Status } from '@amp-mesh/protocol'

export interface ShownRecord {
  readonly by: PublicKey
  readonly op: Op
  readonly standing: string
  readonly status: Status
}

export interface Picture {
  readonly records: Readonly<Record<RecordId, ShownRecord>>
  /** Records no view reads. */
  readonly opaque: number
  /** Views over the whole, as text. */
  readonly views: Readonly<Record<string, string>>
  /** What readers of the Yjs document see: each record as JSON; and all of it as a hash. */
  readonly document: Readonly<Record<RecordId, string>>
  readonly documentHash: string
}

export function pictureOf(replica: Pick<Replica, 'records' | 'subscribe'>, genesis: Genesis): Picture {
  const { records } = replica
  const shown = [...records.all()].map(({ id, by, op }): [RecordId, ShownRecord] => [
    id,
    { by, op, standing: records.standing(id) ?? 'gone', status: status(records, genesis, id) },
  ])
  const views = {
    conclusion: conclusion(records, genesis).synthesis?.id ?? 'none',
    coordinators: coordinators(records, genesis).map(speakerId).join(),
    offers: offers(records)
      .map(({ id }) => id)
      .join(),
  }
  return {
    records: Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1))),
    opaque: records.opaque,
    views,
    ...documentOf(replica),
  }
}

function documentOf(replica: Pick<Replica, 'records' | 'subscribe'>): Pick<Picture, 'document' | 'documentHash'> {
  const graph = new GraphDocument(replica)
  try {
    const roots = [...graph.doc.share.keys()].sort().map(root => graph.doc.getMap(root).toJSON())
    const shown = roots.flatMap(root => Object.entries(root).map(([id, value]) => [id, JSON.stringify(value)]))
    return { document: Object.fromEntries(shown.sort()), documentHash: visibleHash(graph.doc) }
  } finally {
    graph.close()
  }
}
