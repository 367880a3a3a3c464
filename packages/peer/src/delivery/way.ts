/** One receiver's line of one epoch, and who waits for what becomes of its letters. */
import type { Cancel, PeerId } from '@amp-mesh/protocol'
import type { OutboxLine } from './outbox-line.ts'
import type { LetterReceipt } from './receipt.ts'

export interface Way {
  readonly peer: PeerId
  readonly line: OutboxLine
  readonly receipts: Map<number, { receipt: LetterReceipt; deadline: number }>
  /** Unanswered in a row. */
  attempts: number
  retry: Cancel | undefined
  reading: boolean
}

export const nameOf = (peer: PeerId, epoch: number) => `${peer} ${epoch}`
export const newWay = (peer: PeerId, line: OutboxLine): Way => ({
  ...{ peer, line, receipts: new Map(), attempts: 0, retry: undefined, reading: false },
})

/** Outcomes below are not waited for. */
export function settledOf({ receipts, line }: Way): number {
  for (const seq of receipts.keys()) return seq
  return line.next
}
