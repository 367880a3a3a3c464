/** What the suite of the `Network` port plays on: networks of one mesh, stopped after each test. */
import type { Network } from '@amp-mesh/protocol'
import { afterEach } from 'vitest'

export interface NetworkFixture {
  /** A new network, not started; all share one mesh. */
  create(): Promise<Network>
  /** A topic that exists in the mesh. */
  topic: string
}

export type NetworkField = ReturnType<typeof networkField>

/** To be called within `describe`. */
export function networkField({ create, topic }: NetworkFixture) {
  const running: Network[] = []
  const start = async (prepare: (network: Network) => void = () => {}) => {
    const network = await create()
    prepare(network)
    await network.start()
    running.push(network)
    return network
  }
  const addressOf = (network: Network) => {
    const [address] = network.addresses()
    if (address === undefined) throw new Error('the network tells no address')
    return address
  }
  const pair = async (prepare?: (network: Network) => void) => {
    const [a, b] = [await start(), await start(prepare)]
    await a.connect(addressOf(b))
    return { a, b }
  }
  afterEach(async () => {
    await Promise.all(running.splice(0).map(network => network.stop()))
  })
  return { start, addressOf, pair, topic }
}

/** Bytes whose order matters. */
export const pattern = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255)
