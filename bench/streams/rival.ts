/** A rival at work: its server in a process of its own, its client here, and what they do in a second. */
import { type Client, letterOf } from './contender.ts'
import { contender, type Name } from './contenders.ts'
import { type ServerProcess, startServer } from './server-process.ts'

export interface Rate {
  perSecond: number
  /** Processor time of both processes for one message, µs: does not change with what else runs on the machine. */
  micros: number
}

/** ms. */
export interface RoundTrips {
  p50: number
  p99: number
}

export class Rival {
  readonly name: string
  readonly #server: ServerProcess
  readonly #client: Client

  static async start(key: Name): Promise<Rival> {
    const { name, dial } = await contender(key)
    const server = await startServer(key)
    return new Rival(name, server, await dial(server.address))
  }

  private constructor(name: string, server: ServerProcess, client: Client) {
    this.name = name
    this.#server = server
    this.#client = client
  }

  /** Of the server's process. */
  get pid(): number {
    return this.#server.pid
  }

  /** Rejects when a message was lost. */
  async rate(bytes: number, times: number): Promise<Rate> {
    const letter = letterOf(bytes)
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
    this.#server.stop()
  }

  async #cpuMicros(): Promise<number> {
    const told = await this.#server.ask()
    const { user, system } = process.cpuUsage()
    return user + system + ('cpuMicros' in told ? told.cpuMicros : 0)
  }
}
