/** A rival with a third process between: NATS, through `nats-server` and the official client. Nothing is stored. */
import { execFileSync, spawn } from 'node:child_process'
import { type AddressInfo, createServer } from 'node:net'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { Packr } from 'msgpackr'
import { type Client, type Contender, inTicks, type Letter } from './contender.ts'

/** The question how many came is on the same subject, so that it comes after them: it has somebody to answer to. */
const LETTERS = 'letters'
/** The client queues without bound, and the server ends connections that read too slowly. */
const FLUSH_EVERY = 5_000
const packr = new Packr({ useRecords: false })

export const nats: Contender = {
  name: "NATS (without the server's processor time)",
  missing() {
    try {
      execFileSync('nats-server', ['--version'], { stdio: 'ignore' })
      return undefined
    } catch {
      return 'nats-server is not installed (Debian: apt-get install nats-server)'
    }
  },
  async serve() {
    const port = await freePort()
    const server = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
    process.on('exit', () => server.kill())
    const address = `127.0.0.1:${port}`
    const connection = await connect({ servers: address, waitOnFirstConnect: true, reconnectTimeWait: 50 })
    let count = 0
    connection.subscribe(LETTERS, {
      callback: (_error, message) => {
        if (message.reply === undefined || message.reply === '') {
          packr.unpack(message.data)
          count++
        } else {
          message.respond(packr.pack(count))
          count = 0
        }
      },
    })
    await connection.flush()
    return { address }
  },
  async dial(address) {
    return new NatsClient(await connect({ servers: address }))
  },
}

class NatsClient implements Client {
  readonly #connection: NatsConnection

  constructor(connection: NatsConnection) {
    this.#connection = connection
  }

  async flood(letter: Letter, times: number): Promise<number> {
    let unflushed = 0
    await inTicks(times, packr.pack(letter).length, async count => {
      for (let n = 0; n < count; n++) this.#connection.publish(LETTERS, packr.pack(letter))
      unflushed += count
      if (unflushed < FLUSH_EVERY) return
      unflushed = 0
      await this.#connection.flush()
    })
    return this.#count()
  }

  async roundTrip(): Promise<void> {
    await this.#count()
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  async #count(): Promise<number> {
    return packr.unpack((await this.#connection.request(LETTERS, undefined, { timeout: 60_000 })).data)
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}
