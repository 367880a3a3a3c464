/** The answer to a WebSocket upgrade that is refused. */
import type { Duplex } from 'node:stream'
import type { Refusal } from './door.ts'

/** Nobody reads that socket any more, so the client's goodbye would never be heard: it is closed from here. */
export function refuseUpgrade(socket: Duplex, { status, why }: Refusal): void {
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${why}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
