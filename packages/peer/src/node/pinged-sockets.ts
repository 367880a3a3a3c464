/** Connections of a WebSocket server that are asked now and then whether anybody is still there. */
import type { WebSocket, WebSocketServer } from 'ws'

export class PingedSockets {
  readonly #timer: NodeJS.Timeout

  /** Who answers nothing for `pingMs` is cut. */
  constructor(server: WebSocketServer, pingMs: number) {
    const answered = new WeakSet<WebSocket>()
    server.on('connection', (socket: WebSocket) => {
      answered.add(socket)
      socket.on('pong', () => answered.add(socket))
    })
    this.#timer = setInterval(() => {
      for (const socket of server.clients)
        if (answered.delete(socket)) socket.ping()
        else socket.terminate()
    }, pingMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
