/** Ours: two whole peers, a stream of theirs, all that is checked in what comes over it. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodePeer, nodeParts } from '@amp-mesh/peer/node'
import { type Json, type Message, type Stream, WIRE_LIMITS } from '@amp-mesh/protocol'
import { Channel } from '../../packages/peer/src/channel.ts'
import { encodeBody, readBody } from '../../packages/peer/src/delivery/body.ts'
import { joinMesh } from '../../packages/peer/src/joining.ts'
import { type Client, type Contender, inTicks, type Letter } from './contender.ts'

const PROTOCOL = '/amp-mesh/bench/1.0.0'
const COUNT = 'count'

export const amp = (transport: 'ws' | 'tcp'): Contender => ({
  name: `AMP over libp2p-${transport}`,
  async serve() {
    const { peer, network, clock } = await startPeer('server')
    network.handle(PROTOCOL, 1, stream => {
      let count = 0
      const channel: Channel = new Channel({
        stream,
        clock,
        maxBytes: WIRE_LIMITS.message,
        onClose: () => undefined,
        onMessage: message => {
          if (message.type !== 'request') throw new Error(`a ${message.type} here`)
          if (readBody(message.body) !== COUNT) return void count++
          channel.post({ type: 'reply', id: message.id, result: encodeBody(count) })
          count = 0
        },
      })
    })
    const isWebSocket = (address: string) => address.includes('/ws')
    const address = peer.addresses().find(each => isWebSocket(each) === (transport === 'ws'))
    return { address: address ?? 'no address' }
  },
  async dial(address) {
    const { peer, network, clock } = await startPeer('client', address)
    const [server] = network.peers()
    if (server === undefined) throw new Error('not connected')
    if (network.transport(server) !== (transport === 'ws' ? 'websocket' : 'tcp')) throw new Error('another transport')
    return new AmpClient(await network.open(server, PROTOCOL), clock, () => peer.stop())
  },
})

class AmpClient implements Client {
  readonly #channel: Channel
  readonly close: () => Promise<void>
  readonly #waiting = new Map<number, (count: number) => void>()
  #ids = 0

  constructor(stream: Stream, clock: NodePeer['clock'], close: () => Promise<void>) {
    this.close = close
    this.#channel = new Channel({
      stream,
      clock,
      maxBytes: WIRE_LIMITS.message,
      onClose: () => undefined,
      onMessage: message => {
        if (message.type === 'reply' && message.result)
          this.#waiting.get(message.id)?.(readBody(message.result) as number)
      },
    })
  }

  async flood(letter: Letter, times: number): Promise<number> {
    await inTicks(times, letter.query.length + 160, async count => {
      for (let n = 0; n < count; n++)
        while (!this.#channel.post(this.#message({ ...letter }))) await this.#channel.room()
    })
    return this.#count()
  }

  async roundTrip(): Promise<void> {
    await this.#count()
  }

  #message(body: Json): Message<'request'> {
    return { type: 'request', id: ++this.#ids, to: 'clerk', body: encodeBody(body), deadline: 1_900_000_000_000 }
  }

  #count(): Promise<number> {
    return new Promise(resolve => {
      const message = this.#message(COUNT)
      this.#waiting.set(message.id, count => {
        this.#waiting.delete(message.id)
        resolve(count)
      })
      this.#channel.post(message)
    })
  }
}

/** A peer on a disk of its own that nobody looks after when the process ends. */
export async function startPeer(name: string, address?: string) {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-mesh-bench-'))
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const init = { name, mesh: 'bench', dataDir, logger, tcpPort: 0, join: address ? [address] : [] }
  const parts = await patiently(() => nodeParts(init))
  const peer = new NodePeer(parts)
  await peer.start()
  await patiently(() => joinMesh(parts, parts.join))
  return { peer, network: parts.network, clock: parts.clock }
}

/** On a machine that is busy with other things a first dial may take longer than a peer waits for it. */
async function patiently<T>(action: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await action()
    } catch (error) {
      if (tries === 5) throw error
    }
  }
}
