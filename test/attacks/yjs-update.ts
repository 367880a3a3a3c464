/** Yjs updates (format V1) written by hand, the short ways: all items of one client, or ranges it deletes. */
import { type CraftedStruct, craft } from '../rooms/hostile-update.ts'

export {
  type CraftedStruct as Struct,
  craft,
  rawContent,
  subdocument,
  text,
  type as contentType,
  values as contentAny,
} from '../rooms/hostile-update.ts'

/** The items of one client from one clock on. */
export const items = (client: number, clock: number, ...structs: CraftedStruct[]): Uint8Array =>
  craft([[client, clock, structs]])

/** Deletes a range of one client's items. */
export const deletes = (client: number, clock: number, length: number): Uint8Array =>
  craft([], [[client, [[clock, length]]]])

/** A varuint of any size, also beyond what numbers hold. */
export function varUint(value: bigint): number[] {
  const bytes: number[] = []
  let left = value
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  return [...bytes, Number(left)]
}
