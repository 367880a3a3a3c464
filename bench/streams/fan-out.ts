/** One publication to many peers that subscribe: how long until each has it. Everything through the public API. */
import { setTimeout as after } from 'node:timers/promises'
import { startPeer } from './amp.ts'
import { quantiles } from './comparison.ts'
import type { RoundTrips } from './rival.ts'
import { type Heard, startServer } from './server-process.ts'

export interface FanOut extends RoundTrips {
  /** That were there in time, of so many wanted. */
  peers: number
  wanted: number
  publications: number
  /** Of all that should have arrived, what did. Mesh subjects promise no delivery. */
  arrived: number
}

const SUBJECT = 'bench.fan-out'
/** Newcomers start one after the other in each: each links with twenty others or more. */
const PROCESSES = 5
/** After this long those that are there have to do, ms. */
const START_MS = 150_000
const LOOK_MS = 5_000
/** Gossip forms its mesh, and last messages arrive, ms. */
const SETTLE_MS = 5_000
const BETWEEN_MS = 100

/** In another process: so many peers that join at `address`, each with a subscription. */
export async function serveFanOut(peers: number, address: string): Promise<{ address: string; heard(): Heard }> {
  const delays: number[] = []
  let started = 0
  const start = async () => {
    for (; started < peers; started++) {
      const peer = await startPeer(`peer-${process.pid}-${started}`, address)
      void listen(peer.subscribe(SUBJECT), delays)
    }
  }
  void start()
  return { address, heard: () => ({ peers: started, delays: delays.splice(0) }) }
}

async function listen(published: AsyncIterable<{ data: unknown }>, delays: number[]): Promise<void> {
  for await (const { data } of published) delays.push(now() - Number(data))
}

export async function fanOut(wanted: number, publications: number, tell: (word: string) => void): Promise<FanOut> {
  const publisher = await startPeer('publisher')
  const address = publisher.addresses().find(each => each.includes('/ws')) ?? 'no address'
  const start = () => startServer('fan-out', String(wanted / PROCESSES), address)
  const servers = await Promise.all(Array.from({ length: PROCESSES }, start))
  const ask = async () => (await Promise.all(servers.map(server => server.ask()))).filter(told => 'peers' in told)
  let peers = 0
  for (const began = performance.now(); peers < wanted && performance.now() - began < START_MS; ) {
    await after(LOOK_MS)
    peers = (await ask()).reduce((sum, told) => sum + told.peers, 0)
    tell(`one to many: ${peers} of ${wanted} peers are there`)
  }
  await after(SETTLE_MS)
  for (let n = 0; n < publications; n++) {
    await publisher.publish(SUBJECT, now())
    await after(BETWEEN_MS)
  }
  await after(SETTLE_MS)
  const delays = (await ask()).flatMap(told => told.delays)
  for (const server of servers) server.stop()
  await publisher.stop()
  return { ...quantiles(delays), peers, wanted, publications, arrived: delays.length / (peers * publications) }
}

/** ms, the same clock in all processes. */
const now = () => performance.timeOrigin + performance.now()
