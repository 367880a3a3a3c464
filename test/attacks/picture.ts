/** What a peer shows of a space: its records and all that views make of them, to be compared before and after. */
import { conclusion, coordinators, offers, type Replica, speakerId, status } from '@amp-mesh/context'
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
}

export function pictureOf({ records }: Pick<Replica, 'records'>, genesis: Genesis): Picture {
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
  }
}
