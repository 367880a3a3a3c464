/** amp-mesh/browser/drafts: collaborative texts in a tab that is a peer; apart, because they bring Yjs along. */
export { draftsOf, serveDraft, type WorkerScope } from '@amp-mesh/peer/browser/drafts'
export type { DraftShelf, Freeze, OpenDraft } from '@amp-mesh/peer/drafts'
