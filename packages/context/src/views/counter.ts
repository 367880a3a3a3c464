/** A counter that goes up and down (PN-counter): each author states its own totals. */
import type { PublicKey, Rec } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'

export interface CounterView {
  /** `up` − `down`. */
  readonly value: number
  readonly up: number
  readonly down: number
  /** Each author's latest totals. */
  readonly totals: ReadonlyMap<PublicKey, Rec<'count'>>
}

/** The sum over all authors of what each stated last. Who states less than before takes back a part of its own. */
export function counter(records: Records, name: string): CounterView {
  const totals = new Map<PublicKey, Rec<'count'>>()
  for (const record of records.of('count')) if (record.op.name === name) totals.set(record.by, record)
  const stated = [...totals.values()]
  const [up, down] = [sum(stated.map(({ op }) => op.p)), sum(stated.map(({ op }) => op.n))]
  return { value: Number(up - down), up: Number(up), down: Number(down), totals }
}

/** Exact: totals of several authors may together be more than a double can count. */
const sum = (numbers: readonly number[]): bigint => numbers.reduce((total, each) => total + BigInt(each), 0n)
