/** A draft's worker under a watch: each task has a budget of its CPU, and above it the worker ends. */
import { AmpError, type Cancel, type Clock, type PublicKey } from '@amp-mesh/protocol'
import type { DraftTasks, DraftWorker, FromWorker, TaskName, ToWorker } from './draft-port.ts'

export interface WatchedWorkerInit {
  clock: Clock
  taskMs: number
  worker: DraftWorker
  onUpdate(desk: number, update: Uint8Array): void
  onDirty(): void
  /** It cost too much, or ended by itself. */
  onEnd(end: WorkerEnd): void
}

export interface WorkerEnd {
  readonly why: string
  /** Whose edit it was at, if it was at one. */
  readonly by: PublicKey | undefined
  /** It was at something a program of this peer wrote: no other peer is concerned. */
  readonly isLocal: boolean
}

interface Task {
  readonly name: TaskName
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** Tasks that apply edits of others. */
const AT_EDITS: ReadonlySet<TaskName> = new Set<TaskName>(['take', 'reset', 'settle'])
/** Tasks that may wait: what programs in its rooms write comes at their rate, not the worker's. */
const TASKS = 4_096
/** A worker on a busy machine gets little time: it may take this many times its budget by the clock. */
const PATIENCE = 12

export class WatchedWorker {
  readonly #init: WatchedWorkerInit
  readonly #tasks = new Map<number, Task>()
  #next = 0
  #working: PublicKey | undefined
  #watch: Cancel | undefined
  #hasEnded = false
  /** It has loaded its code: from here on what it costs is the draft's. */
  #isUp = false

  constructor(init: WatchedWorkerInit) {
    this.#init = init
    init.worker.onMessage(message => this.#hear(message))
    init.worker.onEnd(why => this.#end(why))
  }

  /** Rejects with `stopped` when the worker ends first, or with what went wrong. */
  do<T extends TaskName>(name: T, task: DraftTasks[T]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) return reject(ended())
      if (this.#tasks.size >= TASKS) return reject(new AmpError('busy', 'this draft is busy; try again later'))
      const number = this.#next++
      this.#tasks.set(number, { name, resolve, reject })
      this.#init.worker.post({ ...task, task: number, do: name } as ToWorker)
      if (this.#isUp && this.#watch === undefined) void this.#watchFrom(number)
    })
  }

  terminate(): void {
    this.#hasEnded = true
    this.#watch?.()
    this.#init.worker.terminate()
    for (const { reject } of this.#tasks.values()) reject(ended())
    this.#tasks.clear()
  }

  #hear(message: FromWorker): void {
    if (this.#hasEnded) return
    switch (message.type) {
      case 'update':
        return this.#init.onUpdate(message.desk, message.update)
      case 'dirty':
        return this.#init.onDirty()
      case 'working':
        this.#working = message.by
        return
      default: {
        const task = this.#tasks.get(message.task)
        this.#tasks.delete(message.task)
        if (!this.#isUp) this.#lookAfter()
        if (message.type === 'done') task?.resolve(message.value)
        else task?.reject(new AmpError('internal', 'a draft could not do that', message.why))
      }
    }
  }

  #lookAfter(): void {
    this.#isUp = true
    const oldest = this.#tasks.keys().next().value
    if (oldest !== undefined) void this.#watchFrom(oldest)
  }

  /** Looks after a while whether the oldest task is still the same. */
  async #watchFrom(oldest: number): Promise<void> {
    const { clock, taskMs } = this.#init
    const began = clock.now()
    this.#watch = () => {} // taken, while we ask
    const cpuBefore = await this.#init.worker.cpuMs()
    const look = async () => {
      const now = this.#tasks.keys().next().value
      this.#watch = undefined
      if (now === undefined || this.#hasEnded) return
      if (now !== oldest) return this.#watchFrom(now)
      this.#watch = () => {}
      const wall = clock.now() - began
      const cpu = await this.#init.worker.cpuMs()
      const spent = cpu === undefined || cpuBefore === undefined ? wall : cpu - cpuBefore
      if (spent > taskMs || wall > PATIENCE * taskMs) this.#end('it costs too much')
      else if (!this.#hasEnded) this.#watch = clock.after(taskMs / 4, () => void look())
    }
    if (!this.#hasEnded) this.#watch = clock.after(taskMs, () => void look())
  }

  #end(why: string): void {
    if (this.#hasEnded) return
    const name = this.#tasks.values().next().value?.name
    this.terminate()
    const isAtEdits = name !== undefined && AT_EDITS.has(name)
    this.#init.onEnd({ why, by: isAtEdits ? this.#working : undefined, isLocal: name === 'write' })
  }
}

const ended = () => new AmpError('stopped', 'this draft was closed')
