/**
 * A peer in the chaos: sends to the others as fast as it is acknowledged, and keeps for each message that it handles a
 * note in its store. After each write it notes how much of its store is synced, for the power cut that may come.
 */
import { openSync, readdirSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { consoleLogger, NodePeer, nodeParts } from '@amp-mesh/peer/node'
import { type AgentId, decodeMessage, type PeerId, type Storage, WIRE_LIMITS } from '@amp-mesh/protocol'
import { MUTANTS, type Mutant, portOf } from './mutants.ts'
import { partitioned } from './partitioned.ts'

export interface MemberSetup {
  name: string
  dataDir: string
  port: number
  join: string[]
  /** How often it was started: names of its messages begin with it. */
  life: number
  mutant?: Mutant
}

export type MemberOrder =
  | { do: 'send'; to: AgentId[]; window: number }
  | { do: 'rest' }
  | { do: 'split'; from: PeerId[] }
  | { do: 'heal' }
  | { do: 'look' }
  | { do: 'stop' }

export type MemberReport =
  | { event: 'ready'; peer: PeerId; addresses: string[] }
  | { event: 'acknowledged'; messages: string[] }
  /** Letters that wait for their receiver, and that wait to be handled. */
  | { event: 'waiting'; letters: number }

const TELL_MS = 20
const PADDING = 'x'.repeat(150)

const setup: MemberSetup = JSON.parse(process.argv[2] ?? '{}')
const report = (message: MemberReport) => void process.send?.(message)
process.on('disconnect', () => process.exit(0))

const { name, dataDir, port, life, mutant } = setup
const parts = await nodeParts({
  ...{ name, mesh: 'chaos', dataDir, listen: port, join: setup.join },
  logger: consoleLogger({ level: 'error' }),
})
const measured = measuring(parts.storage, parts.folder)
const storage = mutant === undefined ? measured : MUTANTS[mutant](measured)
const { network, split, heal } = partitioned(parts.network)
const peer = new NodePeer({ ...parts, network, storage })

let handled = 0
let isSending = false
let acknowledged: string[] = []

await peer.start()
peer.receive(
  'clerk',
  ({ message, keep }) => {
    const id = (message as { id: string }).id
    keep(`effect/${id}/${life}-${handled++}`, id)
  },
  { atOnce: 16 },
)
process.on('message', (order: MemberOrder) => void obey(order))
report({ event: 'ready', peer: peer.identity.peerId, addresses: peer.addresses() })
for (const address of setup.join) parts.network.connect(address).catch(() => undefined)
setInterval(() => {
  if (acknowledged.length > 0) report({ event: 'acknowledged', messages: acknowledged })
  acknowledged = []
}, TELL_MS)

async function obey(order: MemberOrder): Promise<void> {
  if (order.do === 'send') {
    isSending = true
    for (let n = 0; n < order.window; n++) void send(order.to, n, order.window)
  } else if (order.do === 'rest') isSending = false
  else if (order.do === 'split') split(order.from)
  else if (order.do === 'heal') await heal()
  else if (order.do === 'look') report({ event: 'waiting', letters: await lettersIn(parts.storage) })
  else {
    await peer.stop()
    process.exit(0)
  }
}

async function send(to: readonly AgentId[], first: number, step: number): Promise<void> {
  for (let n = first; isSending; n += step) {
    const id = `${name}.${life}.${n}`
    const receipt = peer.send(to[n % to.length] as AgentId, { id, padding: PADDING })
    await receipt.stored.then(
      () => acknowledged.push(id),
      () => new Promise(resolve => setTimeout(resolve, 50)),
    )
  }
}

async function lettersIn(from: Storage): Promise<number> {
  let letters = 0
  for (const box of ['delivery/out/', 'delivery/in/'])
    for await (const [, value] of from.range(box, `${box}\uffff`))
      if (decodeMessage(value, { maxBytes: WIRE_LIMITS.message }).type === 'letters') letters++
  return letters
}

/** The file is in the kernel's hands before the write counts as done: it survives kill -9 as the store does. */
function measuring(inner: Storage, folder: string): Storage {
  const store = join(folder, 'store')
  const file = openSync(join(folder, 'synced'), 'w')
  return {
    ...portOf(inner),
    async write(ops) {
      await inner.write(ops)
      const logs = readdirSync(store).filter(each => each.endsWith('.log'))
      const lengths = logs.flatMap(log => {
        const stat = statSync(join(store, log), { throwIfNoEntry: false })
        return stat === undefined ? [] : [[log, stat.size]]
      })
      writeSync(file, JSON.stringify(Object.fromEntries(lengths)).padEnd(200), 0)
    },
  }
}
