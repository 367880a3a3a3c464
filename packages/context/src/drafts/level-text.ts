/** One text made equal to another by changing only what lies between their common beginning and end. */
import * as Y from 'yjs'

/** A character or an embedded thing, with its format. */
interface Unit {
  readonly insert: unknown
  readonly format: string
}

export function levelText(target: Y.Text, source: Y.Text): void {
  const [have, want] = [unitsOf(target), unitsOf(source)]
  let start = 0
  while (start < Math.min(have.length, want.length) && isSame(have[start], want[start])) start++
  let end = 0
  while (
    end < Math.min(have.length, want.length) - start &&
    isSame(have[have.length - 1 - end], want[want.length - 1 - end])
  )
    end++
  if (start + end === have.length && start + end === want.length) return
  const inserts = want.slice(start, want.length - end).map(({ insert, format }) => ({
    insert: insert instanceof Y.AbstractType ? insert.clone() : insert,
    attributes: JSON.parse(format),
  }))
  const removed = have.length - end - start
  const steps = [...(start > 0 ? [{ retain: start }] : []), ...(removed > 0 ? [{ delete: removed }] : [])]
  target.applyDelta([...steps, ...joined(inserts)], { sanitize: false })
}

function unitsOf(text: Y.Text): Unit[] {
  return text.toDelta().flatMap(({ insert, attributes = {} }: { insert: unknown; attributes?: object }) => {
    const format = JSON.stringify(Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))))
    return typeof insert === 'string' ? insert.split('').map(unit => ({ insert: unit, format })) : [{ insert, format }]
  })
}

const isSame = (a: Unit | undefined, b: Unit | undefined) =>
  a?.format === b?.format && shown(a?.insert) === shown(b?.insert)

const shown = (value: unknown) => (value instanceof Y.AbstractType ? JSON.stringify(value.toJSON()) : value)

/** Neighbouring strings of one format as one. */
function joined(inserts: readonly { insert: unknown; attributes: object }[]) {
  const out: { insert: unknown; attributes: object }[] = []
  for (const each of inserts) {
    const last = out.at(-1)
    const isMore = last && JSON.stringify(last.attributes) === JSON.stringify(each.attributes)
    if (isMore && typeof last.insert === 'string' && typeof each.insert === 'string') last.insert += each.insert
    else out.push({ ...each })
  }
  return out
}
