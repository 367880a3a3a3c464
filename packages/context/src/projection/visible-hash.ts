/** What readers of a projected document see, as one hash: to compare replicas, and before and after an attack. */
import { canonicalBytes, concat, type Json, sha256, toBase64url, utf8 } from '@amp-mesh/protocol'
import type * as Y from 'yjs'

/**
 * base64url of a SHA-256 over every root map's keys and values; 43 characters. Empty roots count for nothing, deleted
 * values neither. Throws when a root is no map: then it is not a projection.
 */
export function visibleHash(doc: Y.Doc): string {
  const lines: Uint8Array[] = []
  for (const root of [...doc.share.keys()].sort()) {
    const map = doc.getMap<Json>(root)
    for (const key of [...map.keys()].sort())
      lines.push(sha256(utf8(root), canonicalBytes([key, map.get(key) as Json])))
  }
  return toBase64url(sha256(concat(...lines)))
}
