/** The peer that is attacked, as the attacker's process leads it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HELLO_PROTOCOL } from '../../packages/peer/src/protocols.ts'
import { program } from '../program.ts'
import { testNetwork } from '../unit/peer/network/test-network.ts'

export type VictimReport = { event: 'ready'; address: string; mesh: string } | VictimState
export interface VictimState {
  event: 'state'
  rss: number
  /** Open TCP sockets. */
  sockets: number
  /** Unhandled rejections and uncaught exceptions so far. */
  faults: string[]
}

const MAIN = program(new URL('./victim-main.ts', import.meta.url))
/** Even who may speak to the gateway must not break it. */
const TOKEN = 'fuzzers-are-let-in-here'
/** A peer that does not answer its own parent for so long hangs. */
const ANSWER_MS = 30_000

export class Victim {
  readonly address: string
  readonly mesh: string
  readonly token = TOKEN
  readonly #child: ChildProcess
  readonly #folder: string

  static async start(): Promise<Victim> {
    const folder = await mkdtemp(join(tmpdir(), 'amp-fuzz-'))
    const child = fork(MAIN, [folder, TOKEN], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const [ready] = (await once(child, 'message')) as [Extract<VictimReport, { event: 'ready' }>]
    return new Victim(child, folder, ready)
  }

  private constructor(child: ChildProcess, folder: string, ready: Extract<VictimReport, { event: 'ready' }>) {
    this.#child = child
    this.#folder = folder
    this.address = ready.address
    this.mesh = ready.mesh
  }

  get port(): number {
    return Number(/\/tcp\/(\d+)/.exec(this.address)?.[1])
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Rejects when it is dead or hangs. */
  async state(): Promise<VictimState> {
    this.#child.send('state?')
    const [state] = (await once(this.#child, 'message', { signal: AbortSignal.timeout(ANSWER_MS) })) as [VictimState]
    return state
  }

  /** How long a stranger in good health takes to connect and to be greeted, ms. */
  async healthyDialMs(): Promise<number> {
    const stranger = await testNetwork()
    await stranger.start()
    try {
      const started = performance.now()
      const peer = await stranger.connect(this.address)
      const stream = await stranger.open(peer, HELLO_PROTOCOL)
      for await (const chunk of stream.incoming()) if (chunk.length > 0) break
      return performance.now() - started
    } finally {
      await stranger.stop()
    }
  }

  async stop(): Promise<void> {
    const exited = this.isAlive ? once(this.#child, 'exit') : undefined
    this.#child.kill('SIGKILL')
    await exited
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
