/** What a record says, in words for people. */
import type { Rec } from '@amp-mesh/protocol'

/** The words of a record; empty for kinds that say nothing (settles, admissions …). */
export function textOf({ op }: Rec): string {
  if (op.k === 'fact') return op.text ?? `${op.s} ${op.p} ${typeof op.o === 'string' ? op.o : JSON.stringify(op.o)}`
  if ('content' in op) return op.content
  return 'text' in op ? (op.text ?? '') : ''
}

/** At most `length` UTF-16 units of a text, no character cut in half. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  return text.slice(0, (text.codePointAt(length - 1) ?? 0) > 0xffff ? length - 1 : length)
}
