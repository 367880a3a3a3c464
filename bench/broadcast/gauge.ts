/** Counts the questions on their way in a crowd, and spares those who never ask the cards of all the others. */
import type { MemoryNetwork } from '@amp-mesh/peer'
import type { Cancel, Metrics, Network, PeerId, Stream } from '@amp-mesh/protocol'

export interface Sent {
  messages: number
  bytes: number
}

/** Questions on their way: over streams, and the copies that gossip made. */
export class Gauge implements Metrics {
  #sent: Sent = { messages: 0, bytes: 0 }

  count(name: string, by = 1, labels: Readonly<Record<string, string>> = {}): void {
    if (labels.type !== 'broadcast') return
    if (name === 'amp_messages_sent') this.add(by, 0)
    else if (name === 'amp_bytes_sent') this.add(0, by)
  }

  observe(): void {}

  add(messages: number, bytes: number): void {
    this.#sent = { messages: this.#sent.messages + messages, bytes: this.#sent.bytes + bytes }
  }

  /** What was sent since the last call. */
  take(): Sent {
    const taken = this.#sent
    this.#sent = { messages: 0, bytes: 0 }
    return taken
  }
}

export interface GaugedInit {
  network: MemoryNetwork
  gauge: Gauge
  /** Copies of what is gossiped here are counted. */
  counted: string
  cardsTopics: readonly string[]
  cardProtocol: string
  /** Where the cards of a peer that never asks go; undefined: this peer does ask, and holds them all. */
  cardsTo: ((topic: string, bytes: Uint8Array) => void) | undefined
}

/**
 * A network in memory that counts the copies of what is gossiped: of a message its publisher sends one to each
 * neighbour, whoever passes it on to each but the one it came from, as gossipsub does in a mesh of that degree.
 */
export class GaugedNetwork implements Network {
  readonly #init: GaugedInit
  readonly #topics = new Map<string, (bytes: Uint8Array, from: PeerId) => unknown>()

  constructor(init: GaugedInit) {
    this.#init = init
  }

  get self(): PeerId {
    return this.#init.network.self
  }

  /** There is no DHT here: up to 10,000 agents the asker's directory knows them all. */
  readonly isRouted = false

  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    const { network, cardsTopics, cardsTo } = this.#init
    if (cardsTopics.includes(topic) && cardsTo !== undefined) return cardsTo(topic, bytes)
    if (topic === this.#init.counted) this.#count(bytes, network.peers().length)
    await network.publish(topic, bytes)
  }

  subscribe(topic: string, accept: Parameters<Network['subscribe']>[1]): Cancel {
    this.#topics.set(topic, accept)
    return this.#init.network.subscribe(topic, (bytes, from) => {
      const verdict = accept(bytes, from)
      if (topic === this.#init.counted && verdict === 'accept')
        this.#count(bytes, this.#init.network.peers().length - 1)
      return verdict
    })
  }

  /** As if it had come by gossip, uncounted. */
  hear(topic: string, bytes: Uint8Array): void {
    this.#topics.get(topic)?.(bytes, this.self)
  }

  async open(peer: PeerId, protocol: string, signal?: AbortSignal): Promise<Stream> {
    const { network, cardProtocol, cardsTo } = this.#init
    if (protocol === cardProtocol && cardsTo !== undefined) throw new Error('this peer needs no cards')
    return network.open(peer, protocol, signal)
  }

  #count(bytes: Uint8Array, copies: number): void {
    this.#init.gauge.add(copies, copies * bytes.length)
  }

  addresses = () => this.#init.network.addresses()
  peers = () => this.#init.network.peers()
  transport = () => this.#init.network.transport()
  on: Network['on'] = (event, listener) => this.#init.network.on(event, listener)
  connect: Network['connect'] = (address, signal) => this.#init.network.connect(address, signal)
  remember = () => this.#init.network.remember()
  disconnect: Network['disconnect'] = peer => this.#init.network.disconnect(peer)
  handle: Network['handle'] = (protocol, streams, handler) => this.#init.network.handle(protocol, streams, handler)
  near: Network['near'] = () => []
  nearer: Network['nearer'] = async () => []
  start = () => this.#init.network.start()
  stop = () => this.#init.network.stop()
}
