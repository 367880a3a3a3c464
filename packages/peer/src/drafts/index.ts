/** @amp-mesh/peer/drafts: collaborative texts on any peer that is given workers. It brings Yjs along. */
export type { DraftTasks, DraftWorker, FromWorker, ToWorker } from './draft-port.ts'
export { draftService } from './draft-service.ts'
export { DraftShelf } from './draft-shelf.ts'
export { type DraftWorld, type Freeze, OpenDraft } from './open-draft.ts'
