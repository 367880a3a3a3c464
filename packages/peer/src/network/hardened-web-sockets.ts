/** libp2p's WebSocket transport, made safe against strangers and refused dials (RELIABILITY.md F1-F3, F8). */
import type { CreateListenerOptions, Listener, Transport } from '@libp2p/interface'
import { type WebSocketsComponents, webSockets } from '@libp2p/websockets'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What @libp2p/websockets needs of a socket; both `ws` and the platform's WebSocket have it. */
export interface Socket {
  close(code?: number, reason?: string): void
  addEventListener(type: 'error', listener: () => void): void
  /** Only `ws` has it: ends the TCP socket at once. */
  terminate?(): void
}

/** Resolves with an open socket, rejects with an Error, and ends when the signal aborts. */
export type OpenSocket = (address: Multiaddr, signal: AbortSignal | undefined) => Promise<Socket>

/** How long a side that closes waits for the other's goodbye, ms. `ws` would wait for 30 s for who never answers. */
export const CLOSE_MS = 1_000

export interface HardenedWebSocketsInit {
  open: OpenSocket
  /** Makes a listener of the transport safe; where nobody listens (browsers) there is none. */
  guard?: (listener: Listener) => Listener
}

/**
 * The two members of the transport that are replaced. It is pinned to an exact version; a missing one fails at once.
 */
interface Seams {
  _connect(address: Multiaddr, options?: { signal?: AbortSignal }): Promise<Socket>
  createListener(options: CreateListenerOptions): Listener
}

export function hardenedWebSockets(init: HardenedWebSocketsInit): (components: WebSocketsComponents) => Transport {
  return components => {
    const transport = webSockets()(components)
    const seams = transport as Transport & Seams
    if (typeof seams._connect !== 'function') throw new Error('@libp2p/websockets changed: _connect is gone')
    seams._connect = async (address, options) => endsForGood(await init.open(address, options?.signal))
    const { guard } = init
    if (guard !== undefined) {
      const createListener = transport.createListener.bind(transport)
      transport.createListener = options => guard(createListener(options))
    }
    return transport
  }
}

/**
 * libp2p resets a connection with `close(1006)`. That is not a code one may send, so every implementation throws, the
 * error is swallowed and the TCP socket stays open on both sides (F2). Here it ends the socket. The error listener
 * keeps a malformed frame from becoming an uncaught exception (F1).
 */
export function endsForGood<S extends Socket>(socket: S): S {
  const end = () => (socket.terminate === undefined ? close() : socket.terminate())
  const close = socket.close.bind(socket)
  socket.close = (code, reason) => (code === 1006 ? end() : close(code, reason))
  socket.addEventListener('error', end)
  return socket
}

/** The URL a WebSocket multiaddr stands for: `/ip4/1.2.3.4/tcp/80/ws` is `ws://1.2.3.4:80/`. */
export function webSocketUrl(address: Multiaddr): string {
  const parts = address.getComponents()
  const host = parts[0]?.value ?? ''
  const port = parts.find(part => part.name === 'tcp')?.value ?? ''
  const secure = parts.some(part => part.name === 'wss' || part.name === 'tls')
  return `${secure ? 'wss' : 'ws'}://${parts[0]?.name === 'ip6' ? `[${host}]` : host}:${port}/`
}
