/** A space on disk for stories of crashes: opened in a folder, written by a process of its own, read back, counted. */
import { fork } from 'node:child_process'
import { Replica, type ReplicaInit } from '@amp-mesh/context'
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
  type Identity,
  type Logger,
  type PublicKey,
  type Rec,
  type RecordId,
  SPACE_LIMITS,
  type Storage,
  toBase64url,
} from '@amp-mesh/protocol'
import { program } from '../program.ts'
import { until } from '../until.ts'
import type { Acknowledged } from './store-writer.ts'

const WRITER = program(new URL('./store-writer.ts', import.meta.url))

export const storyFolder = (root: string, repair = false): Promise<DataFolder> =>
  openDataFolder({ root, mesh: 'story', name: 'writer', random: systemRandom, repair })

/** The one space of a story of one writer, in a folder: its genesis follows from the folder's key. */
export function openReplica(folder: DataFolder, storage: Storage = folder.storage): Promise<Replica> {
  const identity = identityOf(folder.seed)
  return openMember(identity, genesisOf([identity.publicKey]), { storage })
}

/** A member's replica, over real signatures and the real clock. */
export function openMember(
  identity: Identity,
  genesis: Uint8Array,
  parts: { storage: Storage; logger?: Logger; send?: ReplicaInit['send'] },
): Promise<Replica> {
  return Replica.open({
    genesis,
    identity,
    verify: opensslVerify(),
    clock: systemClock,
    random: systemRandom,
    logger: consoleLogger({ level: 'error' }),
    send: () => true,
    ...parts,
  })
}

/** Of a closed space: the first of `members` founded it. */
export function genesisOf(members: readonly PublicKey[]): Uint8Array {
  return encodeGenesis({
    v: 1,
    mesh: toBase64url(new Uint8Array(32)),
    name: 'story',
    founder: members[0] as PublicKey,
    verifiers: members.map(pub => ({ pub, operator: '', model: '' })),
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
