/** The room `graph`: the space's records as one Yjs document, to be read. */
import { GraphDocument, type RecordSource } from '@amp-mesh/context/projection'
import * as Y from 'yjs'
import type { RoomContent } from './room.ts'

/** Builds the document now: somebody came to read it. */
export function graphContent(source: RecordSource): RoomContent {
  const graph = new GraphDocument(source)
  return { ...readOnly(graph.doc), close: () => graph.close() }
}

/** A document of this peer's own, shown and not written in. */
export const readOnly = (doc: Y.Doc): Pick<RoomContent, 'missing' | 'onUpdate'> => ({
  missing: stateVector => Y.encodeStateAsUpdate(doc, stateVector),
  onUpdate(listener) {
    doc.on('update', listener)
    return () => doc.off('update', listener)
  },
})
