/** A client without manners: raw sockets that open, upgrade, send broken frames, or say nothing at all. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { bytesOf, type Input, readVectors } from '../../protocol/vectors.ts'

/** The port in a multiaddr. */
export const portOf = (address: string): number => Number(/\/tcp\/(\d+)/.exec(address)?.[1])

/** A TCP connection that has sent `text` and nothing more. */
export async function openSocket(port: number, text = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.resume()
  if (text !== '') socket.write(text)
  return socket
}

/** The request that begins a WebSocket on `path`. */
export const upgradeTo = (path: string): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13\r\n\r\n',
  ].join('\r\n')

/** A socket after a WebSocket handshake on `path`. */
export async function openWebSocket(port: number, path = '/'): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(upgradeTo(path))
  const [head = 'nothing'] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [])])
  if (!String(head).startsWith('HTTP/1.1 101')) throw new Error(`no upgrade: ${String(head).split('\r\n', 1)[0]}`)
  return socket
}

export const isOver = (socket: Socket) => socket.destroyed || socket.readableEnded

/** WebSocket frames that no client may send, by what is wrong with them: the golden vectors. */
export const BROKEN_FRAMES: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  readVectors<{ refuse: Input[] }>('web-socket-frames.json').refuse.map(input => [input.description, bytesOf(input)]),
)

/** The header of a masked binary frame that announces `length` bytes. */
export function frameHeader(length: number): Buffer {
  const header = Buffer.alloc(14)
  header[0] = 0x82
  header[1] = 0xff
  header.writeBigUInt64BE(BigInt(length), 2)
  return header
}
