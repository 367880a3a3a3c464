/**
 * A member of a bad network, in a namespace of its own: a peer, a firewall that drops packets, and in front of the peer
 * a proxy that lets nothing through at once. Reports what it thinks of the others.
 */
import { execFileSync } from 'node:child_process'
import { connect, createServer, type Socket } from 'node:net'
import type { Inspection, Peer } from '@amp-mesh/peer'
import { createPeer } from '@amp-mesh/peer/node'

export interface SlowSetup {
  name: string
  dataDir: string
  address: string
  join: string[]
  /** Of packets that arrive: percent. */
  loss: number
  /** Added to what passes, each way, ms; half of it more or less by chance. */
  delayMs: number
}

/** `cut`: all its connections break, once. */
export type SlowOrder = { do: 'start'; setup: SlowSetup } | { do: 'worsen' | 'cut' }

export type SlowReport =
  | { event: 'ready'; addresses: string[] }
  | { event: 'known'; reachable: number; gone: number }
  | { event: 'saw'; what: 'suspected' | 'gone' | 'recovered' | 'disconnected' | 'connected'; peer: string }

const PORT = 4_001
const PROXY_PORT = 5_001
/** Chunks on their way in one direction; beyond them the sender waits, as TCP would let it. */
const WINDOW = 256

const report = (message: SlowReport) => void process.send?.(message)
let setup: SlowSetup
let delayMs = 0
const passing = new Set<Socket>()

process.on('disconnect', () => process.exit(0))
process.on('message', (order: SlowOrder) => {
  if (order.do === 'start') void start(order.setup)
  else if (order.do === 'worsen') worsen()
  else for (const socket of passing) socket.destroy()
})

async function start(given: SlowSetup): Promise<void> {
  setup = given
  const { name, dataDir, address, join } = given
  const server = createServer(outside => pass(outside, connect(PORT, address)))
  server.listen(PROXY_PORT, address)
  nft('add table ip bad')
  nft('add chain ip bad detour { type nat hook prerouting priority -100 ; }')
  nft(`add rule ip bad detour iifname eth0 tcp dport ${PORT} redirect to :${PROXY_PORT}`)
  const peer = await createPeer({ name, mesh: 'village', dataDir, listen: `${address}:${PORT}`, join })
  void watch(peer)
  const capabilities = [{ text: 'reads a weather station: what it measures' }]
  await peer.announce([{ name, capabilities, operator: name, model: '', state: 'ready' }])
  report({ event: 'ready', addresses: peer.addresses() })
  setInterval(() => {
    const states = peer.peers().map(({ state }) => state)
    const count = (wanted: string) => states.filter(state => state === wanted).length
    report({ event: 'known', reachable: count('reachable'), gone: count('gone') })
  }, 500)
}

function worsen(): void {
  delayMs = setup.delayMs
  nft('add chain ip bad loss { type filter hook input priority 0 ; }')
  nft(`add rule ip bad loss iifname eth0 meta l4proto tcp numgen random mod 100 < ${setup.loss} drop`)
}

const nft = (rule: string) => execFileSync('nft', [rule])

async function watch(peer: Peer): Promise<void> {
  for await (const each of peer.inspect())
    if (isOfPeers(each)) report({ event: 'saw', what: each.event, peer: each.peer })
}

const isOfPeers = (
  each: Inspection,
): each is Extract<Inspection, { event: 'suspected' | 'gone' | 'recovered' | 'disconnected' | 'connected' }> =>
  ['suspected', 'gone', 'recovered', 'disconnected', 'connected'].includes(each.event)

/** Joins two sockets, each way with the delay. */
function pass(outside: Socket, inside: Socket): void {
  for (const socket of [outside, inside]) {
    socket.setNoDelay(true)
    passing.add(socket)
    socket.once('close', () => passing.delete(socket))
  }
  pump(outside, inside)
  pump(inside, outside)
}

/** In order: what comes later never overtakes, however the delays fall. */
function pump(from: Socket, to: Socket): void {
  const underWay: { due: number; pass: () => void }[] = []
  let due = 0
  const send = (pass: () => void) => {
    due = Math.max(due, performance.now() + delayMs * (0.5 + Math.random()))
    underWay.push({ due, pass })
    if (underWay.length === 1) deliver()
  }
  const deliver = () => {
    while (underWay[0] !== undefined && underWay[0].due <= performance.now()) underWay.shift()?.pass()
    if (underWay[0] !== undefined) setTimeout(deliver, Math.max(1, underWay[0].due - performance.now()))
  }
  from.on('data', chunk => {
    send(() => {
      if (!to.destroyed) to.write(chunk)
      if (underWay.length < WINDOW) from.resume()
    })
    if (underWay.length >= WINDOW) from.pause()
  })
  from.on('error', () => {})
  from.on('close', () => send(() => to.destroy()))
}
