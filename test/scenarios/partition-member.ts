/** A member of the story of the partition: joins when told, writes at a steady pace, tells when each record came. */
import type { Peer } from '@amp-mesh/peer'
import { createPeer } from '@amp-mesh/peer/node'
import type { RecordId, SpaceId } from '@amp-mesh/protocol'

export interface MemberSetup {
  name: string
  dataDir: string
  address: string
  join: string[]
}

export type MemberOrder =
  | { do: 'start'; setup: MemberSetup }
  | { do: 'ask' }
  | { do: 'write'; space: SpaceId; everyMs: number }
  | { do: 'rest' }
  | { do: 'tell'; space: SpaceId }

export type MemberReport =
  | { event: 'ready'; addresses: string[] }
  | { event: 'known'; peers: number }
  | { event: 'asked'; space: SpaceId }
  | { event: 'holds'; records: readonly (readonly [id: RecordId, by: string, time: number, arrived: number])[] }

const report = (message: MemberReport) => void process.send?.(message)
const arrived = new Map<RecordId, number>()
let peer: Peer
let writing: NodeJS.Timeout | undefined

process.on('disconnect', () => process.exit(0))
process.on('message', (order: MemberOrder) => void obey(order))

async function obey(order: MemberOrder): Promise<void> {
  if (order.do === 'start') await start(order.setup)
  else if (order.do === 'ask') {
    const asking = peer.ask('what does the weather station measure?', { scope: 'all', budgetMs: 600_000 })
    report({ event: 'asked', space: await asking.space })
  } else if (order.do === 'write') write(order.space, order.everyMs)
  else if (order.do === 'rest') clearInterval(writing)
  else {
    const records = [...(peer.space(order.space)?.replica.records.all() ?? [])]
    report({ event: 'holds', records: records.map(({ id, by, time }) => [id, by, time, arrived.get(id) ?? 0]) })
  }
}

async function start({ name, dataDir, address, join }: MemberSetup): Promise<void> {
  peer = await createPeer({ name, mesh: 'village', dataDir, listen: `${address}:4001`, join })
  void watch()
  const capabilities = [{ text: 'reads a weather station: what it measures' }]
  await peer.announce([{ name, capabilities, operator: name, model: '', state: 'ready' }])
  report({ event: 'ready', addresses: peer.addresses() })
  setInterval(() => {
    const known = peer.peers().filter(({ state, agents }) => state === 'reachable' && agents.length > 0)
    report({ event: 'known', peers: known.length })
  }, 100)
}

async function watch(): Promise<void> {
  for await (const each of peer.inspect()) if (each.event === 'record') arrived.set(each.record.id, Date.now())
}

function write(space: SpaceId, everyMs: number): void {
  let reading = 0
  writing = setInterval(() => {
    const fact = { k: 'fact', s: 'station', p: `reading ${reading}`, o: reading++ } as const
    void peer.space(space)?.replica.append([fact])
  }, everyMs)
}
