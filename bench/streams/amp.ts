/** Ours: two whole peers and a channel between two of their agents, through the public API, every check on. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer, type NodePeer } from '@amp-mesh/peer/node'
import { agentIdOf, type Json, type PeerId } from '@amp-mesh/protocol'
import { type Client, type Contender, inTicks, type Letter } from './contender.ts'

const AGENT = 'clerk'
/** A message that is no letter: it asks how many came. */
const COUNT = 'count'

type Direct = Awaited<ReturnType<NodePeer['connect']>>

export const amp = (transport: 'ws' | 'tcp'): Contender => ({
  name: `AMP over libp2p-${transport}`,
  async serve() {
    const peer = await startPeer('server')
    peer.onConnect(AGENT, async direct => {
      let count = 0
      for await (const said of direct) {
        if (said !== COUNT) count++
        else {
          await direct.send(count)
          count = 0
        }
      }
    })
    const isWebSocket = (address: string) => address.includes('/ws')
    const address = peer.addresses().find(each => isWebSocket(each) === (transport === 'ws'))
    return { address: address ?? 'no address' }
  },
  async dial(address) {
    const peer = await startPeer('client', address)
    const server = peer.peers().find(each => each.state === 'reachable')
    if (server?.transport !== (transport === 'ws' ? 'websocket' : 'tcp')) throw new Error('another transport')
    return new AmpClient(await peer.connect(agentIdOf(server.id, AGENT)), () => peer.stop())
  },
})

class AmpClient implements Client {
  readonly #direct: Direct
  readonly #answers: AsyncIterator<Json>
  readonly close: () => Promise<void>

  constructor(direct: Direct, close: () => Promise<void>) {
    this.#direct = direct
    this.#answers = direct[Symbol.asyncIterator]()
    this.close = close
  }

  async flood(letter: Letter, times: number): Promise<number> {
    await inTicks(times, letter.query.length + 160, async count => {
      for (let n = 0; n < count; n++) await this.#direct.send({ ...letter })
    })
    return this.#count()
  }

  async roundTrip(): Promise<void> {
    await this.#count()
  }

  async #count(): Promise<number> {
    await this.#direct.send(COUNT)
    return Number((await this.#answers.next()).value)
  }
}

/** A peer on a disk of its own. With an address it is linked to that peer when this resolves. */
export async function startPeer(name: string, address?: string): Promise<NodePeer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-mesh-bench-'))
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const init = { name, mesh: 'bench', dataDir, logger, tcpPort: 0, join: address ? [address] : [] }
  const peer = await patiently(() => createPeer(init))
  while (address !== undefined && linkedTo(peer) === undefined) await new Promise(resolve => setTimeout(resolve, 20))
  return peer
}

export const linkedTo = (peer: NodePeer): PeerId | undefined =>
  peer.peers().find(({ state }) => state === 'reachable')?.id

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
