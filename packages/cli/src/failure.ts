/** Any error as people and programs are told it: what went wrong, what to do next, and the exit code. */
import { AmpError, type Code } from '@amp-mesh/protocol'
import { EXIT, type ExitCode } from './exit-code.ts'
import { plainText } from './render/plain-text.ts'

export interface Failure {
  code: Code
  message: string
  /** What to do next, where the message itself does not say it. */
  next?: string
  exit: ExitCode
}

const NEXT: Partial<Record<Code, string>> = {
  'unknown-address':
    'An address looks like /ip4/127.0.0.1/tcp/4001/ws/p2p/12D3KooW… ; `amp-mesh peer` prints its own when it starts.',
  unreachable:
    'Is that peer still running? `amp-mesh peers` shows who is there, `amp-mesh doctor` checks this machine.',
  'port-in-use': 'Give another with --listen <host:port>, or leave --listen out for a free one.',
  'wrong-mesh':
    'Give the name of its mesh with --mesh <name>, or leave --mesh out to take the one of the peer you join.',
  'folder-in-use': 'Stop the other process, or give another folder with --data-dir <folder>.',
  'bad-agent-file':
    'An agent file is a .ts or .js module (`export default defineAgent({…})`), or a .md file with front matter.',
  'no-agents': 'Start one with `amp-mesh peer <agent.ts|agent.md>`, or look at seven with `amp-mesh demo`.',
  'no-such-space': '`amp-mesh spaces` lists those stored here.',
  'damaged-store': '`amp-mesh peer … --repair` keeps what can be read; other members give back the rest.',
}

const EXITS: Partial<Record<Code, ExitCode>> = { 'no-agents': EXIT.nobodyAnswered, 'bad-input': EXIT.usage }

export function failureOf(error: unknown): Failure {
  if (!(error instanceof AmpError)) {
    const message = plainText(error instanceof Error ? error.message : String(error))
    return { code: 'internal', message, next: 'Run it again with --verbose to see where.', exit: EXIT.failure }
  }
  const next = NEXT[error.code]
  const exit = EXITS[error.code] ?? EXIT.failure
  return { code: error.code, message: plainText(error.message), exit, ...(next === undefined ? {} : { next }) }
}
