/** A peer to be attacked, in a process of its own: the product as it is, with a listener at its ledgers' door. */
import { Ledger, type Verdict } from '@amp-mesh/context'
import { Calls, type Space } from '@amp-mesh/peer'
import { createPeer } from '@amp-mesh/peer/node'
import type { Op, SpaceId } from '@amp-mesh/protocol'
import { pictureOf } from './picture.ts'
import type { Cost, Heard, Self, VictimSetup } from './victim.ts'

const { name, dataDir, join }: VictimSetup = JSON.parse(process.argv[2] ?? '{}')
/** What the ledgers and doors said, by space; of what names no space, under ''. */
const heard = new Map<SpaceId | '', string[]>()

process.on('disconnect', () => process.exit(0))
listenAtLedgers()
const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => note('', `error: ${message}`) }
const peer = await createPeer({ name, mesh: 'arena', dataDir, join, logger })
void listenAtDoors()

const spaceOf = (id: SpaceId): Space => {
  const space = peer.space(id)
  if (space === undefined) throw new Error(`${name} is not in ${id}`)
  return space
}

new Calls(
  {
    postMessage: message => void process.send?.(message),
    addEventListener: (_, listener) => void process.on('message', data => listener({ data })),
  },
  {
    self: (): Self => ({
      peerId: peer.identity.peerId,
      publicKey: peer.identity.publicKey,
      addresses: peer.addresses(),
      token: peer.token,
      rooms: peer.roomsUrl(''),
      gateway: peer.gatewayUrl,
    }),
    mesh: () => peer.mesh.file,
    isIn: (_, space: SpaceId) => peer.space(space) !== undefined,
    picture: (_, space: SpaceId) => pictureOf(spaceOf(space).replica, spaceOf(space).genesis),
    has: (_, space: SpaceId, record: string) => peer.space(space)?.replica.records.has(record) === true,
    append: async (_, space: SpaceId, ops: Op[]) => (await spaceOf(space).replica.append(ops)).map(({ id }) => id),
    putArtifact: async (_, space: SpaceId, content: string) =>
      (await spaceOf(space).putArtifact('notes', 'text/plain', Buffer.from(content))).id,
    artifact: async (signal, space: SpaceId, id: string) =>
      Buffer.from(await spaceOf(space).artifact(id, signal)).toString(),
    heard: (_, space: SpaceId): Heard => ({ space: heard.get(space) ?? [], doors: heard.get('') ?? [] }),
    cost: (): Cost => ({ residentBytes: process.memoryUsage.rss(), cpuMs: cpuMs() }),
  },
)

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Every verdict of every ledger, on segments and on checkpoints, noted; none is changed. */
function listenAtLedgers(): void {
  for (const name of ['ingest', 'adopt']) {
    const judge: unknown = Reflect.get(Ledger.prototype, name)
    if (typeof judge !== 'function') continue
    Reflect.set(Ledger.prototype, name, function (this: Ledger, ...given: unknown[]): Verdict {
      const verdict: Verdict = judge.apply(this, given)
      note(this.id, verdict.outcome)
      return verdict
    })
  }
}

async function listenAtDoors(): Promise<void> {
  for await (const each of peer.inspect()) if (each.event === 'refused') note('', each.code)
}

function note(space: SpaceId | '', what: string): void {
  const list = heard.get(space) ?? []
  heard.set(space, list)
  if (list.length < 10_000) list.push(what)
}
