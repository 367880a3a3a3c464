/** @amp-mesh/context/drafts: texts that several people edit at once. Loaded when one is opened; it brings Yjs along. */
export type {
  AnyValue,
  Content,
  DeletedRanges,
  Gap,
  Item,
  Section,
  StructId,
  Update,
  UpdateLimits,
} from '../yjs/update.ts'
export { encodeUpdate, parseUpdate } from '../yjs/update-codec.ts'
