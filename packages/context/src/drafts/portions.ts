/** An own update cut into edits small enough for a record each. */
import { DRAFT_LIMITS } from '@amp-mesh/protocol'
import type { Content, DeletedRanges, Gap, Item, Update } from '../yjs/update.ts'
import { encodeUpdate, parseUpdate } from '../yjs/update-codec.ts'
import { OWN_LIMITS } from './replay.ts'

/** Room for what stands around contents: ids, keys, lengths. */
const STRUCT_BYTES = 64

/** Updates of at most `bytes` each, in order; one whose single value is larger stays as it is. */
export function portions(update: Uint8Array, bytes: number): Uint8Array[] {
  const { sections, deleted } = parseUpdate(update, OWN_LIMITS)
  const [section] = sections
  const out: Update[] = []
  if (section !== undefined)
    for (const structs of packed(
      section.structs.flatMap(struct => cut(section.client, struct)),
      costOf,
      bytes,
    ))
      out.push({ sections: [{ client: section.client, clock: structs[0]?.clock ?? 0, structs }], deleted: [] })
  const ranges = deleted.flatMap(({ client, ranges: all }) => all.map(range => ({ client, ranges: [range] })))
  for (const some of packed(ranges, () => STRUCT_BYTES, bytes)) out.push({ sections: [], deleted: merged(some) })
  return out.map(encodeUpdate)
}

/** A long text or list as several items, as Yjs itself would split it. */
function cut(client: number, struct: Item | Gap): (Item | Gap)[] {
  if (struct.content === undefined) return [struct]
  const { content, parent: _, key: __, origin: ___, ...bare } = struct
  if (content.ref !== 4 && content.ref !== 8) return [struct]
  const parts: Item[] = []
  for (let at = 0; at < struct.length; ) {
    const part = partOf(content, at)
    const clock = struct.clock + at
    const place = at === 0 ? struct : { ...bare, origin: { client, clock: clock - 1 } }
    parts.push({ ...place, clock, length: lengthOf(part), content: part })
    at += lengthOf(part)
  }
  return parts
}

type Divisible = Extract<Content, { ref: 4 | 8 }>

/** Never between the halves of a surrogate pair. */
function partOf(content: Divisible, at: number): Divisible {
  if (content.ref === 8) return { ref: 8, values: content.values.slice(at, at + 1) }
  const text = content.text.slice(at, at + DRAFT_LIMITS.textPerEdit)
  const isSplit = /[\uD800-\uDBFF]$/.test(text) && at + text.length < content.text.length
  return { ref: 4, text: isSplit ? text.slice(0, -1) : text }
}

const lengthOf = (content: Divisible) => (content.ref === 4 ? content.text.length : content.values.length)

/** Bytes of a struct, at most. */
function costOf(struct: Item | Gap): number {
  if (struct.content === undefined) return STRUCT_BYTES
  return STRUCT_BYTES + encodeUpdate({ sections: [{ client: 0, clock: 0, structs: [struct] }], deleted: [] }).length
}

/** In order, as many together as fit. */
function packed<T>(items: readonly T[], cost: (item: T) => number, bytes: number): T[][] {
  const groups: T[][] = []
  let room = 0
  for (const item of items) {
    room -= cost(item)
    const group = groups.at(-1)
    if (group === undefined || room < 0 || group.length >= DRAFT_LIMITS.structs) {
      groups.push([item])
      room = bytes - STRUCT_BYTES - cost(item)
    } else group.push(item)
  }
  return groups
}

function merged(ranges: readonly DeletedRanges[]): DeletedRanges[] {
  const by = Map.groupBy(ranges, ({ client }) => client)
  return [...by].map(([client, all]) => ({ client, ranges: all.flatMap(each => each.ranges) }))
}
