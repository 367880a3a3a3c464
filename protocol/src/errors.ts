/** What can go wrong, as data: a code that may cross the wire, and a note that stays here. */

/** Codes a peer may be told. They say what to do next, never what we know. */
export const WIRE_CODES = [
  'bad-frame', // the bytes are not a frame of this protocol
  'bad-message', // the frame's body is not a message we can read
  'unknown-type', // a message type this version does not have
  'wrong-mesh', // the other side speaks for another mesh
  'wrong-protocol', // no common protocol version
  'unknown-space', // we do not carry that space
  'unknown-parent', // the record answered to is not in the space
  'not-allowed', // the sender may not do this here
  'too-large', // above a stated limit
  'busy', // rate or capacity; try again after the time given
  'stale', // too old or from the future
  'leaving', // the sender stops, in order: it will not answer any more
  'unknown-agent', // no agent of that name is here
  'missing-context', // we do not hold what your message builds on, and it did not come in time
  'expired', // its deadline passed first
  'failed', // the agent's handler threw
  'internal', // our fault
] as const
export type WireCode = (typeof WIRE_CODES)[number]

/** Codes of the ledger's rules, CONTEXT.md §5. Local: a sender is told at most `not-allowed`. */
export const LEDGER_CODES = [
  'bad-segment',
  'not-a-writer',
  'too-many-epochs',
  'frozen',
  'gap',
  'time-backwards',
  'bad-signature',
  'branch',
  'fork',
  'quota',
  'deferred',
  'pruned', // below what this replica holds of the log: it began with a checkpoint
] as const
export type LedgerCode = (typeof LEDGER_CODES)[number]

/** Codes of the local API: shown to the person or program that called us. */
export const LOCAL_CODES = [
  'unknown-address', // an address that is not a multiaddr or answers nothing
  'port-in-use',
  'folder-in-use', // another process holds the data folder
  'damaged-store',
  'bad-agent-file',
  'bad-mesh-file',
  'no-agents', // nobody answered
  'no-such-space',
  'no-such-record',
  'bad-input',
  'budget-spent',
  'stopped', // the peer was stopped or is draining
  'model-failed',
  'unreachable', // no connection to that peer
] as const
export type LocalCode = (typeof LOCAL_CODES)[number]

export type Code = WireCode | LedgerCode | LocalCode

/**
 * The one error class of the house. `code` says what; `message` says it to people and says what to do next;
 * `note` is what we note for ourselves and is never sent to a peer.
 */
export class AmpError extends Error {
  override readonly name = 'AmpError'
  readonly code: Code
  readonly note: string | undefined

  constructor(code: Code, message: string = code, note?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.note = note
  }
}

/** A foreign byte string that is not what it claims to be. Thrown by frame and codec only. */
export class DecodeError extends AmpError {}

/** What a peer may be told about `error`: a wire code, nothing else. */
export function wireCodeOf(error: unknown): WireCode {
  if (!(error instanceof AmpError)) return 'internal'
  if (isWireCode(error.code)) return error.code
  return (LEDGER_CODES as readonly string[]).includes(error.code) ? 'not-allowed' : 'internal'
}

export const isWireCode = (code: string): code is WireCode => (WIRE_CODES as readonly string[]).includes(code)

/** What was thrown, as an error: anything can be thrown. */
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))
