/** A whole peer in a process of its own, for fuzzers to attack: `node --expose-gc victim-main.ts <folder> <token>`. */
import { createPeer } from '@amp-mesh/peer/node'
import { keptMemory } from './kept-memory.ts'
import type { VictimReport } from './victim.ts'

const [dataDir = '', token = ''] = process.argv.slice(2)
const report = (message: VictimReport) => process.send?.(message)
const faults: string[] = []
const note = (kind: string) => (error: unknown) => {
  if (faults.length < 20) faults.push(`${kind}: ${error instanceof Error ? error.stack : String(error)}`)
}
process.on('unhandledRejection', note('unhandled rejection'))
process.on('uncaughtException', note('uncaught exception'))
process.on('disconnect', () => process.exit(0))

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const peer = await createPeer({ name: 'victim', mesh: 'fuzz', dataDir, token, logger: quiet })
const capabilities = [{ text: 'stands there and takes what comes' }]
await peer.announce([{ name: 'victim', capabilities, operator: '', model: '', state: 'ready' }])
report({ event: 'ready', address: peer.addresses()[0] ?? '', mesh: peer.mesh.id })

process.on('message', () => {
  report({ event: 'state', rss: keptMemory(), sockets: sockets(), faults })
})

const sockets = () => process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length
