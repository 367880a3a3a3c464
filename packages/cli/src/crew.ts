/** The crew of the demo: each agent its own process and peer. They end when this process ends, however it ends. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { AmpError } from '@amp-mesh/protocol'

export interface CrewInit {
  /** Agent files, one process each. */
  files: readonly string[]
  /** Address of a peer they join. */
  join: string
  mesh: string
  dataDir: string
}

export interface Crew {
  /** Rejects when a process ends before `stop` was called. */
  readonly broken: Promise<never>
  /** Asks all to end, and makes those end that don't. */
  stop(): Promise<void>
}

/** Draining takes a peer up to 3 s; then it has had its chance. */
const STOP_MS = 4_000
/** What a process said last, for the error message. */
const LAST_WORDS = 2_000

export function startCrew({ files, join, mesh, dataDir }: CrewInit): Crew {
  const [, main = ''] = process.argv // the command as it was started
  let stopping = false
  // The IPC channel is the life line: the `peer` command ends when it closes, even if this process is killed with -9.
  const members = files.map(file => {
    const args = ['peer', file, '--json', '--join', join, '--mesh', mesh, '--data-dir', dataDir]
    return fork(main, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
  })
  const broken = Promise.race(
    members.map(async (member, i) => {
      const words = await lastWords(member)
      if (!stopping) throw new AmpError('stopped', `The agent ${files[i]} ended early: ${words || 'no reason given'}`)
      return new Promise<never>(() => {})
    }),
  )
  broken.catch(() => {}) // told to whoever awaits it; nobody has to
  return {
    broken,
    async stop() {
      stopping = true
      await Promise.all(members.map(end))
    },
  }
}

/** Resolves with the end of its stderr when the process has ended. */
async function lastWords(member: ChildProcess): Promise<string> {
  let words = ''
  member.stderr?.setEncoding('utf8').on('data', text => {
    words = (words + text).slice(-LAST_WORDS)
  })
  await once(member, 'close')
  return words.trim()
}

async function end(member: ChildProcess): Promise<void> {
  if (member.exitCode !== null || member.signalCode !== null) return
  const ended = once(member, 'exit')
  const killing = setTimeout(() => member.kill('SIGKILL'), STOP_MS)
  if (member.connected) member.disconnect()
  await ended
  clearTimeout(killing)
}
