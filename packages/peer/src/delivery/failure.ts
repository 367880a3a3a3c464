/** Why a message was not handled, in its receiver's words, as an error here. */
import { AmpError, type Code } from '@amp-mesh/protocol'

/** Codes a receiver may give; whatever else it says is `failed`. */
const KNOWN: readonly Code[] = ['expired', 'missing-context', 'unknown-agent', 'busy', 'bad-message', 'failed']

export const failure = (code: string, why: string | undefined): AmpError =>
  new AmpError(KNOWN.find(each => each === code) ?? 'failed', why ?? MEANINGS[code] ?? 'the receiver refused it')

const MEANINGS: Readonly<Record<string, string>> = {
  expired: 'its deadline passed, or the handler took too long',
  'missing-context': 'the receiver did not get the records it builds on in time: send it again',
  'unknown-agent': 'no agent of that name receives messages there',
  busy: 'the receiver has too much to do: send it again later',
  'bad-message': 'the receiver could not read it',
  failed: "the agent's handler failed",
}
