/**
 * A peer in a process of its own, led by a story over IPC: says `ready`, every record as it becomes durable here, and
 * what happens to a question it is told to ask. `deaf`: its answers in ledger sync never leave it.
 */
import { hostAgents } from '@amp-mesh/agents'
import { composePeer, type Peer } from '@amp-mesh/peer'
import { createPeer, nodeParts, type PeerInit } from '@amp-mesh/peer/node'
import type { Agent, Network, Stream } from '@amp-mesh/protocol'
import { wireNames } from '../../packages/peer/src/protocols.ts'
import { until } from '../until.ts'
import type { Order, PeerSetup, Report } from './peer-process.ts'
import { synthesisOf } from './village.ts'

const setup: PeerSetup = JSON.parse(process.argv[2] ?? '{}')
const report = (message: Report) => void process.send?.(message)

process.on('disconnect', () => process.exit(0))
const peer = await start(setup)
void watch(peer)
if (setup.agents.length > 0) await hostAgents(peer, await agentsNamed(setup.agents))
report({ event: 'ready', peerId: peer.identity.peerId, addresses: peer.addresses() })
process.on('message', (order: Order) => void obey(order))

async function start({ name, dataDir, join, deaf, listen }: PeerSetup): Promise<Peer> {
  const init: PeerInit = { name, mesh: 'village', dataDir, join, listen: listen ?? 0 }
  if (!deaf) return createPeer(init)
  const parts = await nodeParts(init)
  const peer = await composePeer({ ...parts, network: muffled(parts.network, wireNames(parts.mesh.id).sync) })
  for (const address of join) await parts.network.connect(address)
  await peer.introduced(AbortSignal.timeout(5_000))
  return peer
}

async function agentsNamed(names: readonly string[]): Promise<Agent[]> {
  const known: Record<string, unknown> = await import('./specialists.ts')
  return names.map(name => known[name] as Agent)
}

async function watch(peer: Peer): Promise<void> {
  for await (const each of peer.inspect())
    if (each.event === 'record') report({ event: 'record', space: each.space, id: each.record.id, by: each.record.by })
}

async function obey(order: Order): Promise<void> {
  if (order.do === 'ask') {
    for await (const happening of peer.ask(order.query, order.options ?? {})) {
      const { t, type } = happening
      const space = 'space' in happening ? happening.space : undefined
      report({ event: 'happening', t, type, ...(space !== undefined && { space }) })
    }
  } else if (order.do === 'look') {
    const records = peer.space(order.space)?.replica.records
    const synthesis = synthesisOf(peer, order.space)
    report({
      event: 'seen',
      n: order.n,
      records: records === undefined ? [] : [...records.all()].map(({ id }) => id),
      ...(synthesis !== undefined && { synthesis: synthesis.id, claims: synthesis.op.claims.length }),
    })
  } else if (order.do === 'meet') {
    const inReach = () => peer.peers().filter(({ state }) => state === 'reachable')
    await until('they are met', () => inReach().flatMap(({ agents }) => agents).length >= order.agents, 60_000)
    report({ event: 'met', agents: order.agents })
  } else {
    await peer.stop()
    process.exit(0)
  }
}

/** The network, but what it sends on sync streams after their hello goes nowhere. */
function muffled(network: Network, lane: string): Network {
  const quiet = (stream: Stream): Stream => {
    let said = 0
    const send = (bytes: Uint8Array) => (said++ === 0 ? stream.send(bytes) : true)
    return new Proxy(stream, { get: (target, key) => (key === 'send' ? send : bound(target, key)) })
  }
  return new Proxy(network, {
    get(target, key) {
      if (key === 'open')
        return async (peer: string, protocol: string, signal?: AbortSignal) => {
          const stream = await target.open(peer, protocol, signal)
          return protocol === lane ? quiet(stream) : stream
        }
      if (key === 'handle')
        return (protocol: string, streams: number, handler: (stream: Stream) => void) =>
          target.handle(protocol, streams, stream => handler(protocol === lane ? quiet(stream) : stream))
      return bound(target, key)
    },
  })
}

function bound<T extends object>(target: T, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key)
  return typeof value === 'function' ? value.bind(target) : value
}
