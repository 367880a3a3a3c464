/** Opens WebSockets with the browser's own class. */
import { type OpenSocket, webSocketUrl } from '../network/hardened-web-sockets.ts'

export const openWebSocket: OpenSocket = (address, signal) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const socket = new WebSocket(webSocketUrl(address)) // throws where a secure page dials an insecure address
    socket.binaryType = 'arraybuffer'
    const settle = () => {
      socket.removeEventListener('open', opened)
      socket.removeEventListener('error', failed)
      signal?.removeEventListener('abort', aborted)
    }
    const opened = () => {
      settle()
      resolve(socket)
    }
    const failed = () => {
      settle()
      reject(new Error(`no WebSocket to ${address}`)) // a browser does not tell why
    }
    const aborted = () => {
      settle()
      socket.close()
      reject(new Error(`dialling ${address} was given up`, { cause: signal?.reason }))
    }
    socket.addEventListener('open', opened)
    socket.addEventListener('error', failed)
    signal?.addEventListener('abort', aborted, { once: true })
  })
