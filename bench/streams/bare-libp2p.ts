/** What our layers are measured against: libp2p alone, msgpackr, a tick's messages in one write, nothing checked. */

import { TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import type { Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { Packr } from 'msgpackr'
import { nextEvent } from '../../packages/peer/src/network/next-event.ts'
import { type Client, type Contender, inTicks, type Letter } from './contender.ts'
import { joined, Parting } from './joined.ts'

type Packed = Letter | { type: 'ping' } | { type: 'pong'; count: number }

const PROTOCOL = '/bench/1.0.0'
const packr = new Packr({ useRecords: false })

export const bareLibp2p = (transport: 'ws' | 'tcp'): Contender => ({
  name: `bare libp2p-${transport}, batched alike`,
  async serve() {
    const node = await newNode(transport)
    await node.handle(PROTOCOL, stream => {
      let count = 0
      reading(stream, message => {
        if (message.type !== 'ping') return void count++
        stream.send(joined([packr.pack({ type: 'pong', count })]))
        count = 0
      })
    })
    return { address: String(node.getMultiaddrs()[0]) }
  },
  async dial(address) {
    const node = await newNode(transport)
    const stream = await node.dialProtocol(multiaddr(address), PROTOCOL)
    return new BareClient(stream, async () => node.stop())
  },
})

class BareClient implements Client {
  readonly #stream: Stream
  readonly close: () => Promise<void>
  #onPong: (count: number) => void = () => undefined

  constructor(stream: Stream, close: () => Promise<void>) {
    this.#stream = stream
    this.close = close
    reading(stream, message => {
      if (message.type === 'pong' && 'count' in message) this.#onPong(message.count)
    })
  }

  async flood(letter: Letter, times: number): Promise<number> {
    const stream = this.#stream
    await inTicks(times, packr.pack(letter).length, async count => {
      const piece = joined(Array.from({ length: count }, () => packr.pack(letter)))
      // not `onDrain`, which answers at once from the second time on: the event loop would never go round
      if (!stream.send(piece)) while (stream.writableNeedsDrain) await nextEvent(stream, ['drain', 'close'])
    })
    return this.#ping()
  }

  async roundTrip(): Promise<void> {
    await this.#ping()
  }

  #ping(): Promise<number> {
    return new Promise(resolve => {
      this.#onPong = resolve
      this.#stream.send(joined([packr.pack({ type: 'ping' })]))
    })
  }
}

function reading(stream: Stream, take: (message: Packed) => void): void {
  const parting = new Parting()
  stream.addEventListener('message', ({ data }) => {
    for (const body of parting.push(data.subarray())) take(packr.unpack(body) as Packed)
  })
}

async function newNode(transport: 'ws' | 'tcp') {
  return createLibp2p({
    addresses: { listen: [`/ip4/127.0.0.1/tcp/0${transport === 'ws' ? '/ws' : ''}`] },
    transports: [transport === 'ws' ? webSockets() : tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        streamOptions: {
          maxStreamWindowSize: TRANSPORT_LIMITS.yamuxWindow,
          maxWriteBufferLength: TRANSPORT_LIMITS.yamuxWriteBuffer,
        },
      }),
    ],
    connectionGater: { denyDialMultiaddr: () => false },
  })
}
