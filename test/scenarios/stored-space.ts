/** A space on disk for stories of crashes: opened in a folder, written by a process of its own, read back, counted. */
import { fork } from 'node:child_process'
import { Replica } from '@amp-mesh/context'
import {
  consoleLogger,
  type DataFolder,
  identityOf,
  openDataFolder,
  opensslVerify,
  systemClock,
  systemRandom,
} from '@amp-mesh/peer/node'
import {
  encodeGenesis,
  type PublicKey,
  type Rec,
  type RecordId,
  SPACE_LIMITS,
  type Storage,
  toBase64url,
} from '@amp-mesh/protocol'
import { until } from '../until.ts'
import type { Acknowledged } from './store-writer.ts'

const WRITER = new URL('./store-writer.ts', import.meta.url).pathname

export const storyFolder = (root: string): Promise<DataFolder> =>
  openDataFolder({ root, mesh: 'story', name: 'writer', random: systemRandom })

/** The one space of the story, in a folder: its genesis follows from the folder's key. */
export function openReplica(folder: DataFolder, storage: Storage = folder.storage): Promise<Replica> {
  const identity = identityOf(folder.seed)
  return Replica.open({
    genesis: genesisOf(identity.publicKey),
    storage,
    identity,
    verify: opensslVerify(),
    clock: systemClock,
    random: systemRandom,
    logger: consoleLogger({ level: 'error' }),
    send: () => true,
  })
}

/** Of a space that its founder alone writes in. No quota in the way: the story is about disks. */
function genesisOf(founder: PublicKey): Uint8Array {
  return encodeGenesis({
    v: 1,
    mesh: toBase64url(new Uint8Array(32)),
    name: 'story',
    founder,
    verifiers: [{ pub: founder, operator: '', model: '' }],
    open: false,
    writers: [],
    policy: { domains: 1 },
    budget: { ms: 30_000 },
    offerWindowMs: 1_000,
    limits: SPACE_LIMITS,
    salt: toBase64url(new Uint8Array(16)),
  })
}

/** What the writer was told to be durable, and how much of its files was synced then. */
export interface Crash {
  readonly acknowledged: ReadonlyMap<RecordId, number>
  readonly synced: Readonly<Record<string, number>>
}

/** Lets a writer write until `random` says it is enough, then kills it with -9. */
export async function crashWriter(root: string, random: () => number): Promise<Crash> {
  const child = fork(WRITER, [root], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const acknowledged = new Map<RecordId, number>()
  let synced: Acknowledged['synced'] = {}
  child.on('message', (message: Acknowledged) => {
    for (const [id, reading] of message.readings) acknowledged.set(id, reading)
    synced = message.synced
  })
  const enough = 1 + Math.floor(random() * 400)
  await until('enough was written', () => acknowledged.size >= enough || child.exitCode !== null)
  if (child.exitCode !== null) throw new Error(`the writer ended with ${child.exitCode}`)
  const gone = new Promise(resolve => child.once('close', resolve))
  child.kill('SIGKILL')
  await gone
  return { acknowledged, synced }
}

/** Readings that were acknowledged and are not there as they were, and records nobody wrote. */
export function losses(records: Iterable<Rec>, acknowledged: ReadonlyMap<RecordId, number>): string[] {
  const held = new Map([...records].map(record => [record.id, record.op]))
  const lost = [...acknowledged].flatMap(([id, reading]) => {
    const op = held.get(id)
    return op?.k === 'fact' && op.o === reading && op.text?.length === reading % 200 ? [] : [`lost: ${reading}`]
  })
  const foreign = [...held.values()].filter(op => op.k !== 'fact' || op.s !== 'station').map(op => `foreign: ${op.k}`)
  return [...lost, ...foreign]
}
