/** Yjs client ids of a draft's editors: derived from draft and key, so that nobody writes with another's. */
import { type PublicKey, type RecordId, sha256, utf8 } from '@amp-mesh/protocol'

/**
 * Ids one editor has in a draft. Each session draws one, as Yjs programs do: two tabs of a person never write with the
 * same, nor anybody with one whose text a fork took away.
 */
export const LIVES = 2 ** 16
/** Above all ids that ordinary programs draw. */
const EDITOR_BIT = 2 ** 52

/**
 * Lowest client id of an editor: 36 bits of sha("draft" ‖ draft ‖ key), then 16 bits for its lives. Nobody can look for
 * a key that shares another's: the draft's id, a hash over its editors' keys, comes after them.
 */
export function editorClient(draft: RecordId, editor: PublicKey): number {
  const hash = sha256(utf8(`draft${draft}${editor}`))
  const view = new DataView(hash.buffer, hash.byteOffset, 5)
  return EDITOR_BIT + (view.getUint32(0) * 2 ** 4 + (view.getUint8(4) >>> 4)) * LIVES
}

export const isLifeOf = (first: number, client: number): boolean => client >= first && client < first + LIVES
