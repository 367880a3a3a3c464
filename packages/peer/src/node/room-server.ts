/**
 * Rooms on the peer's one HTTP port: `ws://<peer>/context/<spaceId>/<room>` for any y-websocket client. Loaded when the
 * first one comes: it brings Yjs along.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { ROOM_LIMITS } from '@amp-mesh/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { CLOSE_MS, endsForGood } from '../network/hardened-web-sockets.ts'
import { CLOSE, type Visitor } from '../rooms/room.ts'
import { RoomSet, type RoomSetInit } from '../rooms/room-set.ts'
import { chosenProtocol, type DoorInit, knockOf, refusalOf } from './door.ts'
import { PingedSockets } from './pinged-sockets.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'

export interface RoomServerInit extends RoomSetInit, DoorInit {}

/** A connection that answers no ping for this long is dead, ms. */
const PING_MS = 30_000

export class RoomServer {
  readonly #rooms: RoomSet
  readonly #door: DoorInit
  readonly #server: WebSocketServer
  readonly #pings: PingedSockets

  constructor(init: RoomServerInit) {
    this.#rooms = new RoomSet(init)
    this.#door = init
    const options = { closeTimeout: CLOSE_MS } // of ws, not in its types yet
    this.#server = new WebSocketServer({
      ...options,
      noServer: true,
      maxPayload: ROOM_LIMITS.message,
      handleProtocols: chosenProtocol,
    })
    this.#pings = new PingedSockets(this.#server, PING_MS)
  }

  close(): void {
    this.#pings.stop()
    this.#rooms.close()
    for (const socket of this.#server.clients) socket.terminate()
    this.#server.close()
  }

  /** Lets a client in, or cuts its socket. */
  knock(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = URL.parse(request.url ?? '/', 'ws://peer')
    const query = url?.searchParams.get('token') ?? undefined
    const refusal = refusalOf({ ...knockOf(request), query }, this.#door)
    if (refusal !== undefined) return refuseUpgrade(socket, refusal)
    this.#server.handleUpgrade(request, socket, head, opened => {
      this.#server.emit('connection', opened, request)
      void this.#enter(endsForGood(opened), url?.pathname ?? '/')
    })
  }

  async #enter(socket: WebSocket, path: string): Promise<void> {
    const visitor = visitorOf(socket)
    const room = this.#rooms.at(path)
    if (room === undefined) return visitor.close(CLOSE.noSuchRoom, 'no such room')
    if (room === 'full') return visitor.close(CLOSE.tryAgain, 'no room for one more')
    let turn = Promise.resolve()
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) return visitor.close(CLOSE.badMessage, 'not a message of y-websocket')
      // one after the other; a client that sends while we work waits in its socket, not here
      socket.pause()
      turn = turn.then(() => room.receive(visitor, new Uint8Array(data))).finally(() => socket.resume())
    })
    socket.on('close', () => {
      room.leave(visitor)
      this.#rooms.left(path)
    })
    if (!(await room.enter(visitor))) visitor.close(CLOSE.tryAgain, 'this room is full')
  }
}

const visitorOf = (socket: WebSocket): Visitor => ({
  send: bytes => socket.send(bytes),
  get backlog() {
    return socket.bufferedAmount
  },
  close: (code, reason) => socket.close(code, reason),
})
