/** Two ends of one TCP connection on this machine, as the streams of two peers. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { PeerId, Stream } from '@amp-mesh/protocol'

export interface Loopback {
  readonly ends: readonly [Socket, Socket]
  close(): void
}

export async function loopback(): Promise<Loopback> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const near = connect(address.port, '127.0.0.1')
  const [[far]] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, once(near, 'connect')])
  for (const end of [near, far]) end.setNoDelay(true)
  return {
    ends: [near, far],
    close() {
      near.destroy()
      far.destroy()
      server.close()
    },
  }
}

/** A socket as the stream to `peer`. */
export const streamOf = (socket: Socket, peer: PeerId): Stream => ({
  peer,
  send: bytes => socket.write(bytes),
  drained: async signal => {
    await once(socket, 'drain', signal && { signal })
  },
  incoming: () => socket,
  close: async () => {
    socket.end()
  },
  abort: reason => socket.destroy(reason),
})
