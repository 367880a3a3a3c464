/** Real y-websocket clients of a peer's rooms, and raw sockets for those who mean ill. */
import type { NodePeer } from '@amp-mesh/peer/node'
import type { SpaceId } from '@amp-mesh/protocol'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import type * as Y from 'yjs'
import { until } from '../until.ts'

/** A peer whose rooms are visited. */
export type RoomHost = Pick<NodePeer, 'roomsUrl' | 'token'>

/** Attaches a document to a room as any program would, the token in the subprotocol. */
export function attach(peer: RoomHost, space: SpaceId, room: string, doc: Y.Doc): WebsocketProvider {
  return new WebsocketProvider(peer.roomsUrl(space), room, doc, {
    protocols: ['amp.rooms', `amp.token.${peer.token}`],
    disableBc: true,
  })
}

export const synced = (provider: WebsocketProvider): Promise<void> => until('it is synced', () => provider.synced)

/** A socket in a room that may say anything; it keeps what it is told. */
export class RawVisitor {
  readonly socket: WebSocket
  readonly heard: Uint8Array[] = []
  closed: number | undefined

  constructor(url: string, token: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, [`amp.token.${token}`], { headers })
    this.socket.on('message', data => this.heard.push(new Uint8Array(data as Buffer)))
    this.socket.on('close', code => {
      this.closed = code
    })
    this.socket.on('error', () => {})
  }

  async opened(): Promise<this> {
    await until('it is open', () => this.socket.readyState === WebSocket.OPEN)
    return this
  }

  /** A Yjs update as y-websocket frames one. */
  update(bytes: Uint8Array): void {
    const length: number[] = []
    for (let left = bytes.length; ; left = Math.floor(left / 128)) {
      length.push(left > 127 ? (left & 127) | 128 : left)
      if (left <= 127) break
    }
    this.socket.send(Buffer.concat([Uint8Array.of(0, 2, ...length), bytes]))
  }
}

/** The HTTP status that a WebSocket upgrade is refused with; 101 when it is not. */
export const statusOf = (url: string, protocols: string[], headers: Record<string, string> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocols, { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (_, response) => {
      socket.terminate()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', reject)
  })
