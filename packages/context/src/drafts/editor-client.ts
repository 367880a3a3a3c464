/** Yjs client ids of a draft's editors: derived from draft and key, so that nobody writes with another's. */
import { type PublicKey, type RecordId, sha256, utf8 } from '@amp-mesh/protocol'

/** Ids one editor has in a draft. It takes the next when what it wrote with one was lost to a fork. */
const LIVES = 256
/** Above all ids that ordinary clients draw, and apart from the projection's logs. */
const EDITOR_BIT = 2 ** 52

/** Lowest client id of an editor: 44 bits of sha("draft" ‖ draft ‖ key), then 8 bits for its lives. */
export function editorClient(draft: RecordId, editor: PublicKey): number {
  const hash = sha256(utf8(`draft${draft}${editor}`))
  const view = new DataView(hash.buffer, hash.byteOffset, 6)
  return EDITOR_BIT + (view.getUint32(0) * 2 ** 12 + (view.getUint16(4) >>> 4)) * LIVES
}

export const isLifeOf = (first: number, client: number): boolean => client >= first && client < first + LIVES
