/**
 * The gateway on the peer's one HTTP port: `ws://<peer>/amp/mesh` for conversations, `POST /amp/mesh` for one message
 * and all that comes of it. Loaded when the first client comes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { GATEWAY_CLOSE, GATEWAY_LIMITS, WIRE_LIMITS } from '@amp-mesh/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import type { GatewayPeer } from '../gateway/attendant.ts'
import { FORMS, type Form } from '../gateway/form.ts'
import { Gateway } from '../gateway/gateway.ts'
import type { Connection } from '../gateway/line.ts'
import { CLOSE_MS, endsForGood } from '../network/hardened-web-sockets.ts'
import { chosenProtocol, type DoorInit, knockOf, refusalOf } from './door.ts'
import { answerPost } from './gateway-post.ts'
import { PingedSockets } from './pinged-sockets.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'

export class GatewayServer {
  readonly #gateway: Gateway
  readonly #door: DoorInit
  readonly #server: WebSocketServer
  readonly #pings: PingedSockets

  constructor(peer: GatewayPeer, door: DoorInit) {
    this.#gateway = new Gateway(peer)
    this.#door = door
    const options = { closeTimeout: CLOSE_MS } // of ws, not in its types yet
    this.#server = new WebSocketServer({
      ...options,
      noServer: true,
      maxPayload: WIRE_LIMITS.message,
      handleProtocols: offered => formOf(offered)?.[0] ?? chosenProtocol(offered),
    })
    this.#pings = new PingedSockets(this.#server, GATEWAY_LIMITS.pingMs)
  }

  /** Lets a client in, or cuts its socket. */
  knock(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = refusalOf(knockOf(request), this.#door)
    if (refusal !== undefined) return refuseUpgrade(socket, refusal)
    const offered = protocolsOf(request)
    const known = formOf(offered)
    if (known === undefined && [...offered].some(each => each.startsWith('amp.v')))
      return refuseUpgrade(socket, { status: 400, why: `offer ${Object.keys(FORMS).join(' or ')}` })
    this.#server.handleUpgrade(request, socket, head, opened => {
      this.#server.emit('connection', opened, request)
      this.#enter(endsForGood(opened), known?.[1] ?? 'json')
    })
  }

  /** One message, answered with a line for each that comes of it. */
  post(request: IncomingMessage, response: ServerResponse): void {
    const refusal = refusalOf(knockOf(request), this.#door)
    void answerPost(this.#gateway, request, response, refusal)
  }

  close(): void {
    this.#pings.stop()
    this.#gateway.close()
    for (const socket of this.#server.clients) socket.terminate()
    this.#server.close()
  }

  #enter(socket: WebSocket, form: Form): void {
    const connection = connectionOf(socket, form)
    if (this.#gateway.enter(connection, form) === undefined) return
    let turn = Promise.resolve()
    let waiting = 0
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary !== (form === 'msgpack'))
        return socket.close(GATEWAY_CLOSE.wrongForm, `send ${form === 'json' ? 'text' : 'bytes'}`)
      // one after the other; a client that sends while we work waits in its socket, but for what came in one piece
      waiting++
      socket.pause()
      const attended = () => this.#gateway.attendantOf(connection)?.receive(new Uint8Array(data)).begun
      turn = turn.then(attended).finally(() => {
        waiting--
        if (waiting === 0) socket.resume()
      })
    })
    socket.on('close', () => this.#gateway.leave(connection))
  }
}

/** The first form a client offers that we speak. */
const formOf = (offered: ReadonlySet<string>): [protocol: string, form: Form] | undefined =>
  Object.entries(FORMS).find(([protocol]) => offered.has(protocol))

const protocolsOf = ({ headers }: IncomingMessage): ReadonlySet<string> =>
  new Set((headers['sec-websocket-protocol'] ?? '').split(',').map(each => each.trim()))

function connectionOf(socket: WebSocket, form: Form): Connection {
  let waiting: (() => void)[] = []
  const drained = () => {
    if (socket.readyState === socket.OPEN && socket.bufferedAmount > GATEWAY_LIMITS.flow) return
    for (const resolve of waiting.splice(0)) resolve()
  }
  socket.on('close', () => {
    for (const resolve of waiting.splice(0)) resolve()
    waiting = []
  })
  return {
    send: bytes => socket.send(bytes, { binary: form === 'msgpack' }, drained),
    get backlog() {
      return socket.bufferedAmount
    },
    drained: () =>
      new Promise(resolve => {
        waiting.push(resolve)
        drained()
      }),
    close: (code, reason) => socket.close(code, reason),
  }
}
