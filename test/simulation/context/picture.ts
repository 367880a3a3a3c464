/** Everything a reader of a replica can see, as text: equal for equal replicas. */
import * as context from '@amp-mesh/context'
import { GraphDocument, visibleHash } from '@amp-mesh/context/projection'
import type { Genesis, LogId, Rec } from '@amp-mesh/protocol'
import { liveOf } from '../../../packages/context/src/ledger/live-records.ts'
import { EPOCH_MS, verifyOnce } from '../space.ts'

type View = (records: context.Records, genesis: Genesis) => unknown

/** The views of the package; those about one record are shown for each. */
const VIEWS: Readonly<Record<string, View>> = {
  assignments: records => context.assignments(records, EPOCH_MS),
  awaited: (records, genesis) => context.awaited(records, genesis, new Set()),
  cancelled: context.cancelled,
  conclusion: context.conclusion,
  conflicts: context.conflicts,
  converged: records => context.converged(records, new Set()),
  coordinators: context.coordinators,
  counters: records => ['c0', 'c1'].map(name => context.counter(records, name)),
  discussions: records => context.discussions(records),
  elections: electionsIn,
  facts: context.facts,
  heads: records => records.heads(),
  hypotheses: context.hypotheses,
  needs: context.needs,
  offers: records => context.offers(records),
  question: context.question,
  records: records => [...records.all()].sort(context.inOrder),
  registers: (records, genesis) => ['r0', 'r1'].map(name => context.register(records, genesis, `any/${name}`)),
  status: (records, genesis) => each(records, id => context.status(records, genesis, id)),
  opinions: (records, genesis) => each(records, id => context.opinions(records, genesis, id)),
  standing: records => each(records, id => records.standing(id)),
  threads: records => context.threads(records),
  unsettled: records => context.unsettled(records, new Set()),
}

/**
 * By view; `document`: what is visible of the Yjs document. What members let go of at checkpoints, each in its time,
 * is in none of them.
 */
export function pictureOf(replica: context.Replica): Map<string, string> {
  const { genesis } = replica
  const records = lastingOf(replica)
  const views = Object.entries(VIEWS).map(([name, view]): [string, string] => [
    name,
    JSON.stringify(view(records, genesis)),
  ])
  const graph = new GraphDocument({ records, subscribe: listener => replica.subscribe(listener) })
  const document = visibleHash(graph.doc)
  graph.close()
  return new Map([...views, ['document', document], ['opaque', String(replica.records.opaque)]])
}

/** Index of what stays of a replica's records, whether it let go of the rest at a checkpoint already or not. */
export function lastingOf(replica: context.Replica): context.Records {
  const verifiers = context.verifiersOf(replica.genesis)
  const all = [...replica.records.all()]
  const dead = new Set(deadOf(all.filter(({ by }) => !verifiers.has(by))))
  const records = new context.Records(context.voteCheck(replica.id, verifyOnce))
  records.reset(all.filter(record => !dead.has(record)))
  records.noteForks(replica.records.forked)
  return records
}

/** Those of which a checkpoint lets go; never what verifiers say, of whose logs nobody lets go of anything. */
export function deadOf(records: readonly Rec[]): Rec[] {
  const byLog = Map.groupBy(records, ({ log }): LogId => log)
  return [...byLog.values()].flatMap(ofLog => {
    const live = new Set<unknown>(liveOf(ofLog.sort((a, b) => a.n - b.n)))
    return ofLog.filter(record => !live.has(record))
  })
}

/** The decisions that nobody can take back any more, as text. */
export const finalsIn = (records: context.Records, genesis: Genesis): string[] =>
  electionsIn(records, genesis).flatMap(([decision, final]) => (final ? [decision] : []))

function electionsIn(records: context.Records, genesis: Genesis): [decision: string, final: boolean][] {
  const all = context.elections(records, genesis)
  return [...all.certified()]
    .map(({ slot, ver, of }): [string, boolean] => [JSON.stringify([slot, ver, of]), all.isFinal({ slot, ver, of })])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

const each = (records: context.Records, view: (id: string) => unknown) =>
  [...records.all()]
    .map(({ id }) => id)
    .sort()
    .map(id => [id, view(id)])
