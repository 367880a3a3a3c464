/** One publication to many peers that subscribe: how long until each has it. Everything through the public API. */
import { setTimeout as after } from 'node:timers/promises'
import { startPeer } from './amp.ts'
import { quantiles } from './comparison.ts'
import type { RoundTrips } from './rival.ts'
import { startServer } from './server-process.ts'

export interface FanOut extends RoundTrips {
  peers: number
  publications: number
  /** Of all that should have arrived, what did. Mesh subjects promise no delivery. */
  arrived: number
}

const SUBJECT = 'bench.fan-out'
const SETTLE_MS = 3_000
const BETWEEN_MS = 50

/** In the other process: so many peers, each with a subscription. */
export async function serveFanOut(peers: number): Promise<{ address: string; delays: () => number[] }> {
  const delays: number[] = []
  const first = await startPeer('peer-0')
  const address = first.addresses().find(each => each.includes('/ws')) ?? 'no address'
  const all = [first]
  for (let n = 1; n < peers; n++) all.push(await startPeer(`peer-${n}`, address))
  for (const peer of all) void listen(peer.subscribe(SUBJECT), delays)
  return { address, delays: () => delays.splice(0) }
}

async function listen(published: AsyncIterable<{ data: unknown }>, delays: number[]): Promise<void> {
  for await (const { data } of published) delays.push(now() - Number(data))
}

export async function fanOut(peers: number, publications: number): Promise<FanOut> {
  const server = await startServer(`fan-out-${peers}`)
  const peer = await startPeer('publisher', server.address)
  await after(SETTLE_MS) // gossip forms its mesh
  for (let n = 0; n < publications; n++) {
    await peer.publish(SUBJECT, now())
    await after(BETWEEN_MS)
  }
  await after(SETTLE_MS)
  const told = await server.ask()
  const delays = 'delays' in told ? told.delays : []
  await peer.stop()
  server.stop()
  return { ...quantiles(delays), peers, publications, arrived: delays.length / (peers * publications) }
}

/** ms, the same clock in both processes. */
const now = () => performance.timeOrigin + performance.now()
