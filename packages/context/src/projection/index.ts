/** @amp-mesh/context/projection: a space as a Yjs document. Loaded when somebody attaches; it brings Yjs along. */
export { GraphDocument, type GraphDocumentInit, type RecordSource } from './graph-document.ts'
export { rootOf } from './roots.ts'
export { visibleHash } from './visible-hash.ts'
