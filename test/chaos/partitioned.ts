/** A network on which some peers can be made unreachable: nothing passes and nobody is told, as when a cable is cut. */

import type { NodeNetwork } from '@amp-mesh/peer/node'
import { AmpError, type PeerId, type Stream } from '@amp-mesh/protocol'

export interface Partitioned {
  network: NodeNetwork
  /** From now on nothing passes between this peer and these. */
  split(from: readonly PeerId[]): void
  /** Streams on which something was lost are broken, as TCP breaks a connection that lost its place. */
  heal(): Promise<void>
}

export function partitioned(network: NodeNetwork): Partitioned {
  const away = new Set<PeerId>()
  const spoiled = new Set<PeerId>()
  const lost = (peer: PeerId) => away.has(peer) && spoiled.add(peer) !== undefined
  const cut = (stream: Stream): Stream =>
    wrapped(stream, {
      send: (bytes: Uint8Array) => lost(stream.peer) || stream.send(bytes),
      async *incoming() {
        for await (const chunk of stream.incoming()) if (!lost(stream.peer)) yield chunk
      },
    })
  return {
    network: wrapped(network, {
      async open(peer: PeerId, protocol: string, signal?: AbortSignal) {
        if (away.has(peer)) throw new AmpError('unreachable', 'a partition')
        return cut(await network.open(peer, protocol, signal))
      },
      handle: (protocol: string, streams: number, handler: (stream: Stream) => void) =>
        network.handle(protocol, streams, stream => handler(cut(stream))),
    }),
    split(from) {
      for (const peer of from) away.add(peer)
    },
    async heal() {
      away.clear()
      const broken = [...spoiled]
      spoiled.clear()
      await Promise.all(broken.map(peer => network.disconnect(peer)))
    },
  }
}

/** The same object but for these methods. */
function wrapped<T extends object>(target: T, methods: Readonly<Record<string, unknown>>): T {
  return new Proxy(target, {
    get(_, key) {
      if (typeof key === 'string' && Object.hasOwn(methods, key)) return methods[key]
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
