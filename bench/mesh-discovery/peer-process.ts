/** A process with several peers, as the bench leads it. */
import { type ChildProcess, fork } from 'node:child_process'
import type { CardDraft } from '@amp-mesh/peer'

export interface Setup {
  dataDir: string
  quiet: boolean
}

export interface Asked {
  /** Agents, best first. */
  best: string[]
  firstMs: number | undefined
  allMs: number
  lookups: number
  messages: number
  bytes: number
}

type Deed =
  | { do: 'start'; names: string[]; join: string[] }
  | { do: 'announce'; drafts: CardDraft[][] }
  | { do: 'look' }
  | { do: 'ask'; nth: number; text: string; in: 'dht' | 'directory' }
export type Order = Deed & { re: number }

export interface Report {
  re: number
  peers?: { id: string; addresses: string[] }[]
  /** Messages and cards published so far, renewals counted. */
  messages?: number
  cards?: number
  /** Agents that the least informed peer knows. */
  known?: number
  asked?: Asked
}

/** What a process reports first. */
const READY = 0
const MAIN = new URL('./process-main.ts', import.meta.url).pathname

export class PeerProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (report: Report) => void>()
  readonly #died = Promise.withResolvers<never>()
  /** It listens: what is sent before is lost. */
  readonly #ready = new Promise<void>(resolve => this.#waiting.set(READY, () => resolve()))
  #orders = READY

  constructor(setup: Setup) {
    this.#child = fork(MAIN, [JSON.stringify(setup)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child.on('message', (report: Report) => {
      this.#waiting.get(report.re)?.(report)
      this.#waiting.delete(report.re)
    })
    this.#died.promise.catch(() => undefined)
    this.#child.once('exit', () => this.#died.reject(new Error('a process of the bench died: see what it wrote')))
  }

  /** Resolves when it is done, rejects when the process dies first. */
  async tell(deed: Deed): Promise<Report> {
    await this.#ready
    const re = ++this.#orders
    const done = new Promise<Report>(resolve => this.#waiting.set(re, resolve))
    this.#child.send({ ...deed, re })
    return Promise.race([done, this.#died.promise])
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await gone
  }
}
