/** @amp-mesh/context/history: a space told to people: in order, at a time, between two times, and why; its export. */

export { type Audit, auditStored, recordsOf, type StoredSpace } from './audit.ts'
export { chronicle, type Wish } from './chronicle.ts'
export { type Difference, differenceBetween } from './difference.ts'
export { type ExportInit, exportLines } from './export.ts'
export { auditExport } from './export-audit.ts'
export type { Finding } from './finding.ts'
export { type Line, linesOf } from './lines.ts'
export { type Moment, momentOf, recordsUntil } from './moment.ts'
export { type Reason, reasonsFor } from './reasons.ts'
export { auditLedger, begunLate, type Part, type SpaceBytes, take } from './space-bytes.ts'
