/** A stranger at the door of a peer: after noise it says what it likes, before libp2p says anything. */

import type { MessageStream, PrivateKey, SecuredConnection } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

/** What a stranger heard, all of it. */
export interface Heard<T> {
  readonly result: T
  readonly bytes: Uint8Array
}

/** Runs `talk` on a connection to this address that noise has secured; the connection ends with it. */
export async function knock<T>(
  address: string,
  talk: (connection: MessageStream, signal: AbortSignal) => Promise<T>,
  privateKey?: PrivateKey,
): Promise<Heard<T>> {
  const heard: Uint8Array[] = []
  const outcome = Promise.withResolvers<T>()
  const script = async ({ connection }: SecuredConnection): Promise<never> => {
    connection.addEventListener('message', ({ data }) => heard.push(Uint8Array.from(data.subarray())))
    await talk(connection, AbortSignal.timeout(10_000)).then(outcome.resolve, outcome.reject)
    throw new Error('the stranger has said all')
  }
  const node = await createLibp2p({
    ...(privateKey && { privateKey }),
    transports: [webSockets()],
    connectionGater: { denyDialMultiaddr: () => false },
    streamMuxers: [yamux()],
    connectionEncrypters: [
      components => {
        const { protocol, secureInbound, secureOutbound } = bound(noise()(components))
        const later = { skipStreamMuxerNegotiation: true }
        return {
          protocol,
          secureInbound,
          secureOutbound: async (raw, how) => script(await secureOutbound(raw, { ...how, ...later })),
        }
      },
    ],
  })
  try {
    await node.dial(multiaddr(address)).catch(error => outcome.reject(error)) // if it has not ended already
    return { result: await outcome.promise, bytes: Uint8Array.from(heard.flatMap(part => [...part])) }
  } finally {
    await node.stop()
  }
}

const bound = (encrypter: ReturnType<ReturnType<typeof noise>>) => ({
  protocol: encrypter.protocol,
  secureInbound: encrypter.secureInbound.bind(encrypter),
  secureOutbound: encrypter.secureOutbound.bind(encrypter),
})
