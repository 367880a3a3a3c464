/** Peers as real processes, as a story leads them: started, asked, looked at, killed with -9 and started again. */
import { type ChildProcess, fork } from 'node:child_process'
import type { AskOptions, Happening } from '@amp-mesh/peer'
import type { PeerId, PublicKey, RecordId, SpaceId } from '@amp-mesh/protocol'
import { program } from '../program.ts'
import { until } from '../until.ts'

export interface PeerSetup {
  name: string
  dataDir: string
  join: string[]
  /** Names of exports of specialists.ts. */
  agents: string[]
  deaf?: boolean
  /** Default: any free port. */
  listen?: number
}

export type Order =
  | { do: 'ask'; query: string; options?: Omit<AskOptions, 'signal'> }
  | { do: 'look'; n: number; space: SpaceId }
  | { do: 'meet'; agents: number }
  | { do: 'stop' }

export type Report =
  | { event: 'ready'; peerId: PeerId; addresses: string[] }
  | { event: 'met'; agents: number }
  | { event: 'record'; space: SpaceId; id: RecordId; by: PublicKey }
  | { event: 'happening'; t: number; type: Happening['type']; space?: SpaceId }
  | Seen

export interface Seen {
  event: 'seen'
  n: number
  records: RecordId[]
  synthesis?: RecordId
  claims?: number
}

const MAIN = program(new URL('./peer-main.ts', import.meta.url))

export class PeerProcess {
  readonly setup: PeerSetup
  readonly peerId: PeerId
  readonly addresses: string[]
  /** All it reported, in order. */
  readonly reports: Report[] = []
  readonly #child: ChildProcess
  #looks = 0

  /** Resolves when the peer runs and its agents are hosted. */
  static async start(setup: PeerSetup, program: string = MAIN): Promise<PeerProcess> {
    const child = fork(program, [JSON.stringify(setup)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let errors = ''
    child.stderr?.on('data', chunk => {
      errors = (errors + chunk).slice(-2_000)
    })
    const ready = await new Promise<Extract<Report, { event: 'ready' }>>((resolve, reject) => {
      child.on('message', (report: Report) => report.event === 'ready' && resolve(report))
      child.once('exit', code => reject(new Error(`${setup.name} ended with ${code}: ${errors}`)))
    })
    return new PeerProcess(setup, child, ready)
  }

  private constructor(setup: PeerSetup, child: ChildProcess, ready: Extract<Report, { event: 'ready' }>) {
    this.setup = setup
    this.peerId = ready.peerId
    this.addresses = ready.addresses
    this.#child = child
    child.on('message', (report: Report) => this.reports.push(report))
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  ask(query: string, options: Omit<AskOptions, 'signal'> = {}): void {
    this.#order({ do: 'ask', query, options })
  }

  /** Waits for the first happening of a type since `from` in the reports. */
  async happened(type: Happening['type'], from = 0): Promise<Extract<Report, { event: 'happening' }>> {
    const find = () => this.reports.slice(from).find(each => each.event === 'happening' && each.type === type)
    await until(`${this.setup.name} reports ${type}`, () => find() !== undefined, 40_000)
    return find() as Extract<Report, { event: 'happening' }>
  }

  /** Waits until the peer has so many agents of others in reach. */
  async meets(agents: number): Promise<void> {
    this.#order({ do: 'meet', agents })
    const met = () => this.reports.some(each => each.event === 'met' && each.agents === agents)
    await until(`${this.setup.name} meets ${agents} agents`, met, 40_000)
  }

  /** What the peer holds of a space now. */
  async look(space: SpaceId): Promise<Seen> {
    const n = ++this.#looks
    this.#order({ do: 'look', n, space })
    const find = () => this.reports.find(each => each.event === 'seen' && each.n === n)
    await until(`${this.setup.name} answers`, () => find() !== undefined)
    return find() as Seen
  }

  /** SIGSTOP and SIGCONT: it hears and says nothing meanwhile. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name)
  }

  /** kill -9. Resolves when the process is gone. */
  async kill(): Promise<void> {
    if (!this.isRunning) return
    const gone = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await gone
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return
    const gone = new Promise(resolve => this.#child.once('exit', resolve))
    this.#order({ do: 'stop' })
    await gone
  }

  #order(order: Order): void {
    if (this.isRunning) this.#child.send(order)
  }
}
