/**
 * Asking git about a repository we do not trust: fixed arguments, no hook, pager, helper or network,
 * bounded output.
 */
import { spawn } from 'node:child_process'
import { AmpError } from '@amp-mesh/protocol'

/** Settings in the repository's own config that would make git run a program, or fetch; each is switched off. */
const HARMLESS = [
  '--no-pager',
  '--no-optional-locks',
  '--no-replace-objects',
  ...['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.quotePath=false', 'log.showSignature=false'].flatMap(
    setting => ['-c', setting],
  ),
  ...['-c', 'protocol.allow=never'],
]

/** Only these reach git: a GIT_DIR of our own surroundings would make it look elsewhere. */
const environment = () => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
})

/** One git command may take this long, ms: a log of 500 commits takes well under one second. */
const DEADLINE_MS = 15_000
/** Bytes read from one git command; above the sum of what a snapshot may hold. */
const OUTPUT_LIMIT = 40 * 1024 * 1024

export interface GitOptions {
  /** Written to git's standard input. */
  input?: string
  signal?: AbortSignal
}

/** Output of one read-only git command in `dir`. Rejects with AmpError `bad-input` when git does. */
export function git(dir: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline])
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', dir, ...HARMLESS, ...args], { env: environment(), signal, shell: false })
    const chunks: Buffer[] = []
    let size = 0
    let complaint = ''
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > OUTPUT_LIMIT) child.kill()
      else chunks.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (complaint.length < 500) complaint += chunk.toString()
    })
    child.on('error', error =>
      reject(options.signal?.aborted ? options.signal.reason : new AmpError('bad-input', explain(dir), String(error))),
    )
    child.on('close', code => {
      if (code === 0) resolve(Buffer.concat(chunks))
      else reject(new AmpError('bad-input', explain(dir), complaint.trim()))
    })
    child.stdin.on('error', () => child.kill()) // git ended before it read everything
    child.stdin.end(options.input ?? '')
  })
}

/** Lines of a git command's output, without the empty ones. */
export async function gitLines(dir: string, args: readonly string[], signal?: AbortSignal): Promise<string[]> {
  const output = await git(dir, args, signal === undefined ? {} : { signal })
  return output.toString().split('\n').filter(Boolean)
}

const explain = (dir: string) =>
  `git could not read ${dir}: give the folder of a git repository with at least one commit`
