/**
 * One of a crowd that is run by one adversary: a peer of the mesh as far as anybody can see, which greets, answers
 * pings and takes places, passes nothing on, and floods its neighbours with what is no message.
 */
import { type NodeNetwork, nodeNetwork, systemClock, systemRandom } from '@amp-mesh/peer/node'
import type { Message } from '@amp-mesh/protocol'
import type { KnownMesh } from '../../../packages/peer/src/hello.ts'
import { Links } from '../../../packages/peer/src/links.ts'
import { topicsOf, wireNames } from '../../../packages/peer/src/protocols.ts'
import { silent } from '../../unit/peer/network/test-network.ts'

/** What one tries to send, each second. */
export const FLOOD = { gossipPerSecond: 10, gossipBytes: 1_024, messagesPerSecond: 20 } as const
const TICK_MS = 100

export class Sybil {
  /** What really left. */
  readonly sent = { gossip: 0, messages: 0, bytes: 0 }
  readonly #network: NodeNetwork
  readonly #links: Links
  readonly #topics: string[]
  readonly #victims: readonly string[]
  #flooding: NodeJS.Timeout | undefined
  #since: number | undefined

  /** `victims`: addresses it holds on to. */
  static async start(mesh: KnownMesh, ip: string, victims: readonly string[]): Promise<Sybil> {
    const topics = topicsOf(mesh)
    const seed = systemRandom.bytes(32)
    const place = { host: ip, dialFrom: ip, mesh: mesh.id.slice(0, 12), topics, seed, logger: silent }
    const sybil = new Sybil(await nodeNetwork(place), mesh, topics, victims)
    await sybil.#network.start()
    await sybil.#hold()
    return sybil
  }

  private constructor(network: NodeNetwork, mesh: KnownMesh, topics: string[], victims: readonly string[]) {
    this.#network = network
    this.#topics = topics
    this.#victims = victims
    for (const topic of topics) network.subscribe(topic, () => 'ignore') // censors: nothing is passed on
    const nothing = () => {}
    this.#links = new Links({
      ...{ network, names: wireNames(mesh.id), mesh: mesh.id, clock: systemClock },
      ...{ onMessage: nothing, onSent: nothing, onUp: nothing, onDown: nothing },
      ...{ onReachability: nothing, onRefused: nothing },
    })
  }

  get connections(): number {
    return this.#network.peers().length
  }

  /** What should have left by now, by the clock: a process that has no time for it attacks less. */
  get intended(): { gossip: number; messages: number } {
    const seconds = this.#since === undefined ? 0 : (performance.now() - this.#since) / 1_000
    return { gossip: seconds * FLOOD.gossipPerSecond, messages: seconds * FLOOD.messagesPerSecond }
  }

  flood(): void {
    this.#since = performance.now()
    this.#flooding = setInterval(() => void this.#tick(), TICK_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#flooding)
    await this.#links.stop()
    await this.#network.stop()
  }

  async #tick(): Promise<void> {
    const rounds = TICK_MS / 1_000
    void this.#hold()
    for (let n = 0; n < FLOOD.gossipPerSecond * rounds; n++) {
      const bytes = systemRandom.bytes(FLOOD.gossipBytes)
      const topic = this.#topics[n % this.#topics.length] ?? ''
      await this.#network.publish(topic, bytes).then(
        () => this.#count('gossip', bytes.length),
        () => {},
      )
    }
    const [to] = this.#links.up()
    const noise: Message = { type: 'want', space: 'A'.repeat(43), ranges: [] }
    for (let n = 0; n < FLOOD.messagesPerSecond * rounds; n++)
      if (to !== undefined && this.#links.post(to, noise)) this.#count('messages', 64)
  }

  #count(kind: 'gossip' | 'messages', bytes: number): void {
    this.sent[kind]++
    this.sent.bytes += bytes
  }

  /** Comes back to whoever hung up. */
  async #hold(): Promise<void> {
    await Promise.allSettled(this.#victims.map(address => this.#network.connect(address)))
  }
}
