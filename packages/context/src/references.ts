/** What a record points at: the ids in its fields, by kind. */
import type { Op, RecordId } from '@amp-mesh/protocol'

/** Every record id `op` points at, each once. `ev` of a verify is text, `s` and `o` of a link may be anything. */
export function referencesOf(op: Op): readonly RecordId[] {
  const [parent, replaced, cited] = [parentOf(op), 'sup' in op ? op.sup : undefined, citedBy(op)]
  if (parent === undefined && replaced === undefined && cited.length === 0) return cited // as most facts do
  return [...new Set([parent, replaced, ...cited])].filter(id => id !== undefined)
}

/** The one record that `op` answers: what it hangs under in a thread. */
export function parentOf(op: Op): RecordId | undefined {
  switch (op.k) {
    case 'build_on':
    case 'concern':
    case 'need':
      return op.parent
    case 'capability_match':
    case 'proposal':
    case 'task':
    case 'refuse':
    case 'cancel':
    case 'synthesis':
      return op.for
    case 'award':
    case 'lease':
    case 'result':
    case 'failure':
      return op.task
    case 'verify':
    case 'cert':
    case 'retract':
    case 'unassign':
      return op.of
    case 'msg':
      return op.re ?? op.in
    case 'settle':
      return op.thread
    case 'draft':
      return op.after
    default:
      return undefined
  }
}

/** Records that `op` rests on or is about, besides the one it answers. */
export function citedBy(op: Op): readonly RecordId[] {
  switch (op.k) {
    case 'proposal':
    case 'build_on':
    case 'result':
      return op.references ?? []
    case 'synthesis':
      return op.claims.flatMap(claim => claim.references)
    case 'award':
      return op.bid === undefined ? [] : [op.bid]
    case 'msg':
      return [op.in]
    case 'conflict':
      return op.a
    case 'hyp':
    case 'thread':
    case 'gap':
      return op.about ?? []
    case 'solved':
      return op.ev ?? []
    default:
      return none
  }
}

const none: readonly RecordId[] = []
