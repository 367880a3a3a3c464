/** What a plain client is told when something fails: a wire code, and words that say what to do next. */
import { AmpError, DecodeError, type GatewayAnswer, wireCodeOf } from '@amp-mesh/protocol'

/** `re`: the client's message that failed. */
export function errorFor(error: unknown, re?: string): Omit<GatewayAnswer<'error'>, 'id'> {
  const answer = { type: 'error', ...(re !== undefined && { re }) } as const
  if (!(error instanceof AmpError)) return { ...answer, code: 'internal', message: 'it failed' }
  // what is wrong with its own message may be told to whoever sent it
  const flaw = error instanceof DecodeError && error.note !== undefined ? `: ${error.note}` : ''
  return { ...answer, code: codeOf(error), message: `${error.message}${flaw}`.slice(0, MESSAGE_LENGTH) }
}

const MESSAGE_LENGTH = 1_024

/** Codes of the peer's own API, in the words of the wire. */
const LOCAL: Readonly<Record<string, string>> = {
  'bad-input': 'bad-message',
  'no-such-space': 'unknown-space',
  'no-such-record': 'unknown-parent',
  stopped: 'busy',
  'no-agents': 'unknown-agent',
  unreachable: 'busy',
}

const codeOf = (error: AmpError): string => LOCAL[error.code] ?? wireCodeOf(error)
