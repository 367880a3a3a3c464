/** What a peer and the worker of one draft say to each other. */
import type { Edit } from '@amp-mesh/context/drafts'
import type { PublicKey, RecordId } from '@amp-mesh/protocol'

export interface DraftSettings {
  readonly draft: RecordId
  readonly editors: readonly PublicKey[]
  readonly self: PublicKey
  readonly seed: number
}

/** Tasks by name: what goes in. Each is answered once, in order. */
export interface DraftTasks {
  open: { settings: DraftSettings }
  /** All edits; then new ones. */
  reset: { edits: readonly Edit[] }
  take: { edits: readonly Edit[] }
  /** A desk under a number; `client` is the client id it writes with. */
  desk: { desk: number; client: number }
  leave: { desk: number }
  write: { desk: number; update: Uint8Array }
  /** Answered with bytes: what the desk has that a state vector lacks; its own state vector. */
  missing: { desk: number; stateVector: Uint8Array }
  has: { desk: number }
  /** Answered with updates for records, base64url. */
  flush: object
  /** Answered with true when the canonical replay showed something else. */
  settle: object
  text: object
  order: object
}
export type TaskName = keyof DraftTasks
export type ToWorker = { [T in TaskName]: { task: number; do: T } & DraftTasks[T] }[TaskName]

export type FromWorker =
  | { readonly type: 'done'; readonly task: number; readonly value?: unknown }
  | { readonly type: 'failed'; readonly task: number; readonly why: string }
  | { readonly type: 'update'; readonly desk: number; readonly update: Uint8Array }
  | { readonly type: 'dirty' }
  /** Whose edit is being applied. */
  | { readonly type: 'working'; readonly by: PublicKey }

/** A worker as its adapter gives it. */
export interface DraftWorker {
  post(message: ToWorker): void
  onMessage(listener: (message: FromWorker) => void): void
  /** Ended by itself: out of memory, or an error. */
  onEnd(listener: (why: string) => void): void
  /** CPU time it has used, ms; undefined where nobody can tell. */
  cpuMs(): Promise<number | undefined>
  terminate(): void
}
