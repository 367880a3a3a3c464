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
export { copyContents } from './desk.ts'
export { DraftEngine, type EngineInit } from './draft-engine.ts'
export { editorClient } from './editor-client.ts'
export { ROOTS } from './guard.ts'
export type { Edit } from './replay.ts'
