/** A rival at work: its server in a process of its own, its client here, and what they do in a second. */
import { type ChildProcess, fork } from 'node:child_process'
import { type Client, type Contender, type Letter, letterOf } from './contender.ts'

export type FromServer = { address: string } | { cpuMicros: number }

export interface Rate {
  perSecond: number
  /** Processor time of both processes for one message, µs: does not change with what else runs on the machine. */
  micros: number
}

export interface RoundTrips {
  p50: number
  p99: number
}

const MAIN = new URL('./process-main.ts', import.meta.url).pathname

export class Rival {
  readonly name: string
  readonly #server: ChildProcess
  readonly #client: Client

  static async start(key: string, contender: Contender): Promise<Rival> {
    const server = fork(MAIN, [key], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const told = await nextMessage(server)
    if (!('address' in told)) throw new Error(`${contender.name} does not say where it is`)
    return new Rival(contender.name, server, await contender.dial(told.address))
  }

  private constructor(name: string, server: ChildProcess, client: Client) {
    this.name = name
    this.#server = server
    this.#client = client
  }

  /** Of the server's process. */
  get pid(): number {
    return this.#server.pid ?? 0
  }

  /** Rejects when a message was lost. */
  async rate(bytes: number, times: number): Promise<Rate> {
    const letter: Letter = letterOf(bytes)
    const [before, started] = [await this.#cpuMicros(), performance.now()]
    const count = await this.#client.flood(letter, times)
    const [ms, after] = [performance.now() - started, await this.#cpuMicros()]
    if (count !== times) throw new Error(`${this.name}: ${times} sent, ${count} came`)
    return { perSecond: (1_000 * times) / ms, micros: (after - before) / times }
  }

  /** One after the other, ms. */
  async roundTrips(times: number): Promise<number[]> {
    const took: number[] = []
    for (let n = 0; n < times; n++) {
      const started = performance.now()
      await this.#client.roundTrip()
      took.push(performance.now() - started)
    }
    return took
  }

  async close(): Promise<void> {
    await this.#client.close()
    this.#server.disconnect()
  }

  async #cpuMicros(): Promise<number> {
    this.#server.send('how much?')
    const told = await nextMessage(this.#server)
    const { user, system } = process.cpuUsage()
    return user + system + ('cpuMicros' in told ? told.cpuMicros : 0)
  }
}

function nextMessage(server: ChildProcess): Promise<FromServer> {
  return new Promise((resolve, reject) => {
    const died = () => reject(new Error('a server process died'))
    server.once('exit', died)
    server.once('message', message => {
      server.off('exit', died)
      resolve(message as FromServer)
    })
  })
}
