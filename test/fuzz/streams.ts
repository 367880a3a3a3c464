/** Streams after noise, over every protocol a peer speaks: protobuf and AMP frames, nearly right, and rude endings. */
import { encodeFrames } from '@amp-mesh/protocol'
import type { Connection, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { HELLO_PROTOCOL } from '../../packages/peer/src/protocols.ts'
import { testNetwork } from '../unit/peer/network/test-network.ts'
import { hostileBody, hostileChunks } from './bodies.ts'
import type { Dice } from './dice.ts'

/** Until the peer has said what it speaks, ms. */
const IDENTIFY_MS = 10_000
const OPEN_MS = 3_000

/** One authenticated stranger with one connection, made anew when it was cut. */
export class Stranger {
  readonly #network: Awaited<ReturnType<typeof testNetwork>>
  readonly #address: string
  #protocols: string[] = []

  static async meet(address: string): Promise<Stranger> {
    const network = await testNetwork()
    await network.start()
    const stranger = new Stranger(network, address)
    await stranger.#connection()
    return stranger
  }

  private constructor(network: Awaited<ReturnType<typeof testNetwork>>, address: string) {
    this.#network = network
    this.#address = address
  }

  /** What the peer said it speaks. */
  get protocols(): readonly string[] {
    return this.#protocols
  }

  stop(): Promise<void> {
    return this.#network.stop()
  }

  /** Opens a stream, says something, and ends it in one way or another. False: it could not be opened. */
  async trouble(dice: Dice): Promise<boolean> {
    const connection = await this.#connection().catch(() => undefined) // it is judged in the end how dialling goes
    if (connection === undefined) return false
    const protocol = dice.pick(this.#protocols)
    let stream: Stream
    try {
      stream = await connection.newStream(protocol, {
        signal: AbortSignal.timeout(OPEN_MS),
        runOnLimitedConnection: true,
      })
    } catch {
      return false
    }
    stream.addEventListener('message', () => {})
    try {
      for (let i = dice.below(3); i >= 0; i--) for (const chunk of payload(protocol, dice)) stream.send(chunk)
    } catch {
      return true // the peer has hung up meanwhile
    }
    const ending = dice.below(10)
    if (ending < 5) stream.abort(new Error('rude'))
    else if (ending < 9)
      await stream.close({ signal: AbortSignal.timeout(OPEN_MS) }).catch(() => stream.abort(new Error()))
    else setTimeout(() => stream.abort(new Error('late')), 200)
    return true
  }

  async #connection(): Promise<Connection> {
    const open = this.#network.node.getConnections().find(({ status }) => status === 'open')
    if (open !== undefined) return open
    const id = peerIdFromString(await this.#network.connect(this.#address))
    const deadline = performance.now() + IDENTIFY_MS
    while (!this.#protocols.includes(HELLO_PROTOCOL) && performance.now() < deadline) {
      this.#protocols = (await this.#network.node.peerStore.get(id)).protocols
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    return this.#connection()
  }
}

function payload(protocol: string, dice: Dice): Uint8Array[] {
  const how = dice.below(10)
  if (how === 0) return [dice.bytes(dice.below(300))]
  if (how === 1) return [Uint8Array.of(...varint(dice.pick([2 ** 31, 4 * 1024 * 1024 - 1, 2 ** 53])), 1, 2, 3)]
  const isOurs = protocol.startsWith('/amp-mesh/') && !protocol.includes('/kad/')
  if (isOurs && how < 6) return hostileChunks(dice)
  if (isOurs) return [encodeFrames([hostileBody(dice)])]
  const message = protobuf(dice, 3)
  return [Uint8Array.of(...varint(message.length), ...message)]
}

function varint(value: number): number[] {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return [...bytes, value]
}

/** Fields that libp2p's messages have, and others, nested. */
function protobuf(dice: Dice, depth: number): number[] {
  return Array.from({ length: dice.below(4) + 1 }).flatMap(() => {
    const wire = dice.pick([0, 2, 2, 2, 1, 5, 3])
    const tag = varint(((dice.below(12) + 1) << 3) | wire)
    if (wire === 0) return [...tag, ...varint(dice.rolls(0.2) ? 2 ** 53 - 1 : dice.below(1_000_000))]
    if (wire === 1) return [...tag, ...dice.bytes(8)]
    if (wire === 5) return [...tag, ...dice.bytes(4)]
    if (wire === 3) return tag
    if (dice.rolls(0.1)) return [...tag, ...varint(2 ** 31)]
    const inner = depth > 0 && dice.rolls(0.4) ? protobuf(dice, depth - 1) : [...dice.bytes(dice.below(60))]
    return [...tag, ...varint(inner.length), ...inner]
  })
}
