/** What a record says, in words. */
import type { Op } from '@amp-mesh/protocol'

/** The words of a record; empty for kinds that say nothing to people (settles, admissions …). */
export function wordsOf(op: Op): string {
  switch (op.k) {
    case 'fact':
      return op.text ?? `${op.s} ${op.p} ${typeof op.o === 'string' ? op.o : JSON.stringify(op.o)}`
    case 'link':
      return `${op.s} ${op.p} ${op.o}`
    case 'broadcast':
      return op.query
    case 'capability_match':
      return op.offer
    case 'thread':
    case 'draft':
      return op.title
    case 'solved':
      return op.problem
    case 'artifact':
      return op.name
    default:
      return 'content' in op ? op.content : 'text' in op ? op.text : ''
  }
}
