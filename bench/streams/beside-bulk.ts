/** Requests while 16 MiB of an artifact go over the same connection, and before, through the public API. */
import { setTimeout } from 'node:timers/promises'
import { agentIdOf, type Json } from '@amp-mesh/protocol'
import { linkedTo, startPeer } from './amp.ts'
import { quantiles } from './comparison.ts'
import type { RoundTrips } from './rival.ts'
import { type ServerProcess, startServer } from './server-process.ts'

export interface BesideBulk {
  quiet: RoundTrips
  syncing: RoundTrips
  /** The artifact's bytes, and how long they took, ms. */
  bytes: number
  ms: number
}

const AGENT = 'clerk'
const BYTES = 16 * 1024 * 1024
const PATIENCE_MS = 120_000

/** In the other process: answers at once, or, asked for an artifact, when it is here. */
export async function serveBesideBulk(): Promise<{ address: string }> {
  const peer = await startPeer('server')
  peer.receive(
    AGENT,
    async ({ message, signal }) => {
      if (message === null || typeof message !== 'object' || Array.isArray(message)) return message
      const space = peer.space(String(message.space))
      if (message.artifact === undefined) return space !== undefined
      const id = String(message.artifact)
      while (space?.replica.records.has(id) !== true) await setTimeout(5, undefined, { signal })
      return (await space.artifact(id, signal)).length
    },
    { atOnce: 8 },
  )
  return { address: peer.addresses().find(each => each.includes('/ws')) ?? 'no address' }
}

export async function besideBulk(times: number): Promise<BesideBulk> {
  const server: ServerProcess = await startServer('beside-bulk')
  const peer = await startPeer('client', server.address)
  const other = linkedTo(peer) ?? ''
  const ask = (message: Json) => peer.request(agentIdOf(other, AGENT), message, { deadline: PATIENCE_MS })
  const roundTrip = async () => {
    const started = performance.now()
    await ask('echo')
    return performance.now() - started
  }
  const space = await peer.createSpace({ name: 'film', members: [other] })
  await space.replica.append([{ k: 'broadcast', query: 'Who wants to see the film?' }])
  while ((await ask({ space: space.id })) !== true) await roundTrip()
  const quiet: number[] = []
  for (let n = 0; n < times; n++) quiet.push(await roundTrip())
  const bytes = new Uint8Array(BYTES).map((_, i) => (i * 31) >> 3)
  const { id } = await space.putArtifact('film.bin', 'video/mp4', bytes)
  const started = performance.now()
  let isThere = false
  const arrival = ask({ space: space.id, artifact: id }).then(length => {
    if (length !== BYTES) throw new Error(`${length} bytes of ${BYTES} came`)
    isThere = true
  })
  const syncing: number[] = []
  while (!isThere) syncing.push(await roundTrip())
  await arrival
  const ms = performance.now() - started
  await peer.stop()
  server.stop()
  return { quiet: quantiles(quiet), syncing: quantiles(syncing), bytes: BYTES, ms }
}
