/** Rivals without our layers: `ws` and msgpackr, over TCP or TLS, a message or a tick's messages a frame. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Packr } from 'msgpackr'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { type Client, type Contender, inTicks, type Letter, turn } from './contender.ts'
import { joined, parted } from './joined.ts'

type Packed = Letter | { type: 'ping' } | { type: 'pong'; count: number }

/** Unsent bytes above which a sender waits, as libp2p does. */
const FULL = 4 * 1024 * 1024
const packr = new Packr({ useRecords: false })

/** `together`: all messages of a tick in one frame. */
export const rawWebSocket = (scheme: 'ws' | 'wss', together: boolean): Contender => ({
  name: `raw ${scheme}, ${together ? "a tick's messages a frame" : 'a message a frame'}`,
  async serve() {
    const http = scheme === 'ws' ? createServer() : createTlsServer(selfSigned())
    const server = new WebSocketServer({ server: http, perMessageDeflate: false })
    server.on('connection', socket => {
      let count = 0
      const take = (body: Uint8Array) => {
        const message = packr.unpack(body) as Packed
        if (message.type !== 'ping') return void count++
        socket.send(packed({ type: 'pong', count }, together))
        count = 0
      }
      socket.on('message', data => each(data, together, take))
    })
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    return { address: `${scheme}://127.0.0.1:${(http.address() as AddressInfo).port}` }
  },
  async dial(address) {
    const socket = new WebSocket(address, { perMessageDeflate: false, rejectUnauthorized: false })
    await once(socket, 'open')
    return new RawClient(socket, together)
  },
})

class RawClient implements Client {
  readonly #socket: WebSocket
  readonly #together: boolean
  #onPong: (count: number) => void = () => undefined

  constructor(socket: WebSocket, together: boolean) {
    this.#socket = socket
    this.#together = together
    socket.on('message', data =>
      each(data, together, body => this.#onPong((packr.unpack(body) as { count: number }).count)),
    )
  }

  async flood(letter: Letter, times: number): Promise<number> {
    const socket = this.#socket
    await inTicks(times, packr.pack(letter).length, async count => {
      if (this.#together) socket.send(joined(Array.from({ length: count }, () => packr.pack(letter))))
      else for (let n = 0; n < count; n++) socket.send(packr.pack(letter))
      while (socket.bufferedAmount > FULL) await turn()
    })
    return this.#ping()
  }

  async roundTrip(): Promise<void> {
    await this.#ping()
  }

  async close(): Promise<void> {
    this.#socket.terminate()
  }

  #ping(): Promise<number> {
    return new Promise(resolve => {
      this.#onPong = resolve
      this.#socket.send(packed({ type: 'ping' }, this.#together))
    })
  }
}

const packed = (message: Packed, together: boolean) => (together ? joined([packr.pack(message)]) : packr.pack(message))

function each(data: RawData, together: boolean, take: (body: Uint8Array) => void): void {
  const bytes = data as Buffer // ws gives one, unless it is asked for fragments
  if (together) for (const body of parted(bytes)) take(body)
  else take(bytes)
}

function selfSigned(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'amp-mesh-bench-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const args = [
    'req',
    '-x509',
    ...curve,
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=localhost',
    '-keyout',
    key,
    '-out',
    cert,
  ]
  execFileSync('openssl', args, { stdio: 'ignore' })
  const files = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  return files
}
