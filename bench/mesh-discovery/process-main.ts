/** A process with several peers, led over IPC: starts them, announces agents, asks. `quiet`: cards are not gossiped. */
import { type CardDraft, composePeer, type Peer } from '@amp-mesh/peer'
import { nodeParts } from '@amp-mesh/peer/node'
import type { Network } from '@amp-mesh/protocol'
import { wireNames } from '../../packages/peer/src/protocols.ts'
import { until } from '../../test/until.ts'
import type { Asked, Order, Report, Setup } from './peer-process.ts'

const setup: Setup = JSON.parse(process.argv[2] ?? '{}')
/** Of one peer: many publish at a time, and two processors work for all of them. */
const PATIENCE_MS = 10 * 60_000
const peers: Awaited<ReturnType<typeof start>>[] = []
const report = (message: Report) => void process.send?.(message)

process.on('disconnect', () => process.exit(0))
process.on('message', (order: Order) => void obey(order))
report({ re: 0 })

async function obey(order: Order): Promise<void> {
  const { re } = order
  if (order.do === 'start') {
    for (const name of order.names) peers.push(await start(name, order.join))
    report({ re, peers: peers.map(peer => ({ id: peer.identity.peerId, addresses: peer.addresses() })) })
  } else if (order.do === 'announce') {
    // one after another: two processors stand for sixty machines, and a queue before them is no mesh
    for (const [n, peer] of peers.entries()) await announce(peer, order.drafts[n] ?? [])
    report({ re })
  } else if (order.do === 'look') {
    const published = peers.map(peer => peer.published)
    const sum = (value: (one: (typeof published)[number]) => number) =>
      published.reduce((total, one) => total + value(one), 0)
    report({
      re,
      messages: sum(({ messages }) => messages),
      cards: sum(({ cards }) => cards),
      known: Math.min(...peers.map(peer => new Set(peer.peers().flatMap(({ agents }) => agents)).size)),
    })
  } else {
    const peer = peers[order.nth % peers.length]
    if (peer !== undefined) report({ re, asked: await ask(peer, order.text, order.in) })
  }
}

/** Resolves when all its cards have been published in the DHT. */
async function announce(peer: (typeof peers)[number], drafts: CardDraft[]): Promise<void> {
  await peer.announce(drafts)
  await until('the cards are published', () => peer.published.waiting === 0, PATIENCE_MS)
}

async function start(name: string, join: readonly string[]) {
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const parts = await nodeParts({ name, mesh: 'bench', dataDir: setup.dataDir, join, logger: silent })
  const network = setup.quiet ? quiet(parts.network, wireNames(parts.mesh.id).card) : parts.network
  const peer = await composePeer({ ...parts, network })
  for (const address of join) await parts.network.connect(address).catch(() => undefined)
  return peer
}

async function ask(peer: Peer, text: string, where: 'dht' | 'directory'): Promise<Asked> {
  const cost = { lookups: 0, messages: 0, bytes: 0 }
  const started = performance.now()
  let firstMs: number | undefined
  const found: { agent: string; score: number }[] = []
  for await (const { agent, score } of peer.find(text, { limit: 8, minScore: 0, in: where, cost })) {
    firstMs ??= performance.now() - started
    found.push({ agent, score })
  }
  const best = found.sort((a, b) => b.score - a.score).map(({ agent }) => agent)
  return { best, firstMs, allMs: performance.now() - started, ...cost }
}

/** Cards neither gossiped nor pulled: what is found is found in the DHT. */
const quiet = (network: Network, cardProtocol: string): Network =>
  new Proxy(network, {
    get(target, property) {
      if (property === 'publish') return async () => undefined
      if (property === 'handle')
        return (protocol: string, ...rest: [number, Parameters<Network['handle']>[2]]) =>
          protocol === cardProtocol ? () => undefined : target.handle(protocol, ...rest)
      const value = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
