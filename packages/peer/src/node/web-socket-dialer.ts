/** Opens WebSockets to other peers on Node: bounded frames, no redirects, Errors instead of ErrorEvents (F3). */
import { TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import type { Multiaddr } from '@multiformats/multiaddr'
import { type ClientOptions, WebSocket } from 'ws'
import { CLOSE_MS, type OpenSocket, webSocketUrl } from '../network/hardened-web-sockets.ts'
import { gathering } from './gathering-socket.ts'

const OPTIONS = {
  maxPayload: TRANSPORT_LIMITS.webSocketPayload,
  perMessageDeflate: false,
  followRedirects: false,
  handshakeTimeout: TRANSPORT_LIMITS.dialMs,
  closeTimeout: CLOSE_MS,
  // What passes is noise's ciphertext, which nobody can predict: a mask, there against that, only costs both sides.
  generateMask: (mask: Buffer) => void mask.fill(0),
}

export const openWebSocket: OpenSocket = (address, signal) => open(address, signal, OPTIONS)

/** The same, from this IP address of the machine: where it has several. */
export const openWebSocketFrom =
  (localAddress: string): OpenSocket =>
  (address, signal) =>
    open(address, signal, { ...OPTIONS, localAddress })

const open = (address: Multiaddr, signal: AbortSignal | undefined, options: ClientOptions): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const socket = new WebSocket(webSocketUrl(address), options)
    socket.binaryType = 'arraybuffer'
    const settle = () => {
      socket.off('open', opened)
      socket.off('error', failed)
      signal?.removeEventListener('abort', aborted)
    }
    const opened = () => {
      settle()
      resolve(gathering(socket))
    }
    const failed = (error: Error) => {
      settle()
      socket.on('error', () => {}) // ending a socket that is still connecting reports one more error
      socket.terminate()
      reject(error)
    }
    const aborted = () => failed(new Error(`dialling ${address} was given up`, { cause: signal?.reason }))
    socket.on('open', opened)
    socket.on('error', failed)
    signal?.addEventListener('abort', aborted, { once: true })
  })
