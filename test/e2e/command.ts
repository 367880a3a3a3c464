/** The `amp-mesh` command with a home of its own: as a real process, or for what needs none in that of the test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { nodeParts } from '../../packages/cli/src/node-parts.ts'
import { runProgram } from '../../packages/cli/src/program.ts'
import { program } from '../program.ts'
import { fakeWorld } from '../unit/cli/fake-world.ts'

const MAIN = program(new URL('../../packages/cli/src/main.ts', import.meta.url))
/** For something that takes a second on an idle machine; this one is shared. */
const PATIENCE_MS = 90_000

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
  /** Its stdout as JSON lines. */
  json(): Record<string, unknown>[]
}

export interface Running {
  readonly process: ChildProcess
  readonly pid: number
  readonly ended: Promise<Ended>
  /** Resolves with the first match in its stdout so far; rejects when it ends, or goes on too long, without one. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

/** Commands that see only each other: their data folders and registry of peers lie in a folder of this home. */
export class Home {
  readonly folder: string
  readonly #running: Running[] = []

  static async create(): Promise<Home> {
    return new Home(await mkdtemp(join(tmpdir(), 'amp-e2e-')))
  }

  private constructor(folder: string) {
    this.folder = folder
  }

  start(
    args: readonly string[],
    { cwd = this.folder, env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ): Running {
    const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, AMP_MESH_JOIN: _join, ...inherited } = process.env
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { ...inherited, HOME: this.folder, XDG_DATA_HOME: join(this.folder, 'data'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const running = watch(child, args)
    this.#running.push(running)
    return running
  }

  run(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Ended> {
    return this.start(args, options).ended
  }

  /**
   * The whole program with its real parts and none of its process: to load all that again takes longer than most
   * commands. One after the other, and nothing of Node's may be loaded before the first: it asks for the home once.
   */
  async runHere(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    vi.stubEnv('HOME', this.folder)
    vi.stubEnv('XDG_DATA_HOME', join(this.folder, 'data'))
    const world = fakeWorld({ env, parts: nodeParts })
    const code = await runProgram(args, world)
    vi.unstubAllEnvs()
    return endedWith(code, world.out(), world.err())
  }

  async remove(): Promise<void> {
    for (const running of this.#running) await running.stop('SIGKILL')
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function watch(child: ChildProcess, args: readonly string[]): Running {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', text => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', text => (stderr += text))
  const ended = once(child, 'close').then(([code]) => endedWith(code, stdout, stderr))
  return {
    process: child,
    pid: child.pid ?? 0,
    ended,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const missing = (why: string) => reject(new Error(`${args.join(' ')} ${why} ${pattern}:\n${stdout}\n${stderr}`))
        const timer = setTimeout(() => missing('did not say in time'), PATIENCE_MS)
        const look = () => {
          const match = pattern.exec(stdout)
          if (match === null) return
          clearTimeout(timer)
          child.stdout?.off('data', look)
          resolve(match)
        }
        child.stdout?.on('data', look)
        ended.then(() => {
          clearTimeout(timer)
          missing('ended without saying')
        })
        look()
      })
    },
    async stop(signal = 'SIGINT') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return ended
    },
  }
}

const endedWith = (code: number | null, stdout: string, stderr: string): Ended => ({
  code,
  stdout,
  stderr,
  json: () =>
    stdout
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line)),
})
