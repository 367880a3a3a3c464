/** What the records of a space say about artifacts: which are live, which are erased, and whose there is room for. */
import { ARTIFACT_LIMITS, type Op, type PublicKey, type Rec } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { contentOf } from './artifact.ts'

/** A live record that describes this content. */
export const describing = (records: Records, content: string): Rec<'artifact'> | undefined =>
  records.of('artifact').find(record => contentOf(record.op) === content)

/** False once every author who shared it took it back with `erase`, or nobody shares it any more. */
export function isKept(records: Records, content: string): boolean {
  const erased = new Set(
    records.history('retract').flatMap(({ by, op }) => (op.erase === true ? [`${by}/${op.of}`] : [])),
  )
  return records
    .history('artifact')
    .some(record => contentOf(record.op) === content && !erased.has(`${record.by}/${record.id}`))
}

/** Whether `author` may have this artifact held beside those of `held`, the contents that are here already. */
export function hasRoom(records: Records, held: Iterable<string>, author: PublicKey, op: Op<'artifact'>): boolean {
  const contents = new Set(held)
  contents.delete(contentOf(op))
  const others = records.history('artifact').filter(record => contents.has(contentOf(record.op)))
  const bytesOf = (mine: readonly Rec<'artifact'>[]) => {
    const sizes = new Map(mine.map(record => [contentOf(record.op), record.op.bytes]))
    return [...sizes.values()].reduce((sum, bytes) => sum + bytes, op.bytes)
  }
  return (
    bytesOf(others.filter(({ by }) => by === author)) <= ARTIFACT_LIMITS.bytesPerAuthor &&
    bytesOf(others) <= ARTIFACT_LIMITS.bytesPerSpace
  )
}
