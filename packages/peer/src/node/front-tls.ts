/** TLS on the port of plain HTTP: what begins like TLS is decrypted first, all else is served as it is. */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { AmpError } from '@amp-mesh/protocol'

/** As PEM. */
export interface TlsFiles {
  cert: string
  key: string
}

/** First byte of a TLS handshake; no HTTP method begins with it. */
const HANDSHAKE = 0x16

/**
 * Makes `server`, whose only listener for connections is Node's own yet, answer both. `firstByteMs`: for the first
 * byte, and again for the handshake. Throws `bad-input` for files that are no certificate and its key.
 */
export function answerTls(server: Server, files: TlsFiles, firstByteMs: number): void {
  const serve = server.listeners('connection')
  const http = (socket: Socket) => {
    for (const listener of serve) listener.call(server, socket)
  }
  const tls = tlsServer(files, firstByteMs)
  tls.on('secureConnection', http)
  tls.on('tlsClientError', (_error, socket) => socket.destroy())
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => socket.destroy())
    const timer = setTimeout(() => socket.destroy(), firstByteMs).unref()
    socket.once('close', () => clearTimeout(timer))
    socket.once('data', (first: Buffer) => {
      clearTimeout(timer)
      socket.pause()
      socket.unshift(first)
      if (first[0] === HANDSHAKE) tls.emit('connection', socket)
      else http(socket)
      process.nextTick(() => socket.resume())
    })
  })
}

function tlsServer(files: TlsFiles, handshakeTimeout: number) {
  try {
    return createTlsServer({ ...files, handshakeTimeout, ALPNProtocols: ['http/1.1'] })
  } catch (cause) {
    throw new AmpError(
      'bad-input',
      'the TLS certificate and its key cannot be used: both must be PEM files, and belong together',
      String(cause),
      cause,
    )
  }
}
