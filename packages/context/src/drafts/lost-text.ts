/** Own text that a fork of another editor took out of sight, and putting it back in words of a new life. */
import * as Y from 'yjs'
import type { StructId } from '../yjs/update.ts'

/** A run of own text, and the last character before it that is still there; undefined: it stood at the beginning. */
export interface LostRun {
  readonly text: string
  readonly after: StructId | undefined
}

/** What `isOwn` clients wrote in `before` that `after` lacks, in order. */
export function lostText(before: Y.Doc, after: Y.Doc, isOwn: (client: number) => boolean): LostRun[] {
  const runs: LostRun[] = []
  let anchor: StructId | undefined
  for (let item = before.getText('content')._start; item !== null; item = item.right) {
    if (item.deleted) continue
    const { client, clock } = item.id
    const last = clock + item.length - 1
    if (last < Y.getState(after.store, client)) {
      if (isVisible(after, { client, clock: last })) anchor = { client, clock: last }
    } else if (isOwn(client) && item.content instanceof Y.ContentString)
      runs.push({ text: item.content.str, after: anchor })
  }
  return runs
}

/** Inserts the runs where they stood. */
export function putBack(doc: Y.Doc, runs: readonly LostRun[]): void {
  const text = doc.getText('content')
  for (const { text: lost, after } of [...runs].reverse()) text.insert(after ? indexBehind(text, after) : 0, lost)
}

function isVisible(doc: Y.Doc, { client, clock }: StructId): boolean {
  const struct = Y.getItem(doc.store, Y.createID(client, clock))
  return struct instanceof Y.Item && !struct.deleted && struct.parent === doc.getText('content')
}

function indexBehind(text: Y.Text, { client, clock }: StructId): number {
  let index = 0
  for (let item = text._start; item !== null; item = item.right) {
    const isHere = item.id.client === client && clock >= item.id.clock && clock < item.id.clock + item.length
    if (!item.deleted && item.countable) index += isHere ? clock - item.id.clock + 1 : item.length
    if (isHere) return index
  }
  return index
}
