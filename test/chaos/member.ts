/** A peer in the chaos, as the harness leads it: started, killed with -9, its disk cut or lost, and started again. */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { PeerId } from '@amp-mesh/protocol'
import { cutPower } from '../power-cut.ts'
import { program } from '../program.ts'
import type { MemberOrder, MemberReport, MemberSetup } from './member-main.ts'

const MAIN = program(new URL('./member-main.ts', import.meta.url))
/** A busy machine takes its time. */
const ANSWER_MS = 300_000

export interface MemberInit extends Pick<MemberSetup, 'name' | 'dataDir' | 'mutant'> {
  onAcknowledged(messages: readonly string[]): void
}

export class Member {
  readonly name: string
  readonly folder: string
  /** Folders of stores it lost. */
  readonly lost: string[] = []
  peer: PeerId = ''
  addresses: string[] = []
  /** Of its messages since its last start. */
  acknowledged = 0
  readonly #init: MemberInit
  #child: ChildProcess | undefined
  #life = 0

  constructor(init: MemberInit) {
    this.#init = init
    this.name = init.name
    this.folder = join(init.dataDir, 'chaos', init.name)
  }

  get isRunning(): boolean {
    return this.#child !== undefined
  }

  /** At the port it had before, so that others find it again. */
  async start(others: readonly Member[]): Promise<void> {
    const { name, dataDir, mutant, onAcknowledged } = this.#init
    const join = others.flatMap(({ addresses, isRunning }) => (isRunning ? addresses.slice(0, 1) : []))
    const port = Number(/tcp\/(\d+)/.exec(this.addresses[0] ?? '')?.[1] ?? 0)
    const setup: MemberSetup = { name, dataDir, port, join, life: this.#life++, ...(mutant && { mutant }) }
    const child = fork(MAIN, [JSON.stringify(setup)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    child.on('message', (report: MemberReport) => {
      if (report.event !== 'acknowledged') return
      this.acknowledged += report.messages.length
      onAcknowledged(report.messages)
    })
    this.acknowledged = 0
    const ready = await this.#heard(child, 'ready')
    this.#child = child
    this.peer = ready.peer
    this.addresses = ready.addresses
  }

  tell(order: MemberOrder): void {
    this.#child?.send(order, () => undefined)
  }

  /** Letters that wait in its store. */
  async waiting(): Promise<number> {
    if (this.#child === undefined) return 0
    this.tell({ do: 'look' })
    return (await this.#heard(this.#child, 'waiting')).letters
  }

  /** kill -9, or `stop`. Resolves when the process is gone. */
  async end(how: 'kill' | 'stop'): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const gone = new Promise(resolve => child.once('close', resolve))
    if (how === 'stop') this.tell({ do: 'stop' })
    else child.kill('SIGKILL')
    this.#child = undefined
    await gone
  }

  cutPower(random: () => number): Promise<void> {
    const synced: Record<string, number> = JSON.parse(readFileSync(join(this.folder, 'synced'), 'utf8') || '{}')
    return cutPower(join(this.folder, 'store'), synced, random)
  }

  /** The store is gone, the key is not: the same peer begins with an empty disk. */
  async loseDisk(): Promise<void> {
    const aside = join(this.folder, `lost-${this.lost.length}`)
    await mkdir(aside)
    for (const name of ['store', 'store-created', 'store-closed'])
      if (existsSync(join(this.folder, name))) await rename(join(this.folder, name), join(aside, name))
    this.lost.push(aside)
  }

  #heard<E extends MemberReport['event']>(child: ChildProcess, event: E) {
    return new Promise<Extract<MemberReport, { event: E }>>((resolve, reject) => {
      const late = setTimeout(() => end(() => reject(new Error(`${this.name} did not say ${event}`))), ANSWER_MS)
      const hear = (report: MemberReport) =>
        report.event === event && end(() => resolve(report as Extract<MemberReport, { event: E }>))
      const ended = (code: number | null) => end(() => reject(new Error(`${this.name} ended with ${code}`)))
      const end = (act: () => void) => {
        clearTimeout(late)
        child.off('message', hear).off('exit', ended)
        act()
      }
      child.on('message', hear).on('exit', ended)
    })
  }
}
