/** How long a newcomer needs for a space of so many records, over TCP on this machine; beside the same in plain Yjs. */
import { MemoryStorage, Replica, type SyncMessage } from '@amp-mesh/context'
import { opensslHash, opensslVerify, systemClock, systemRandom } from '@amp-mesh/peer/node'
import { encodeFrames, FrameReader, type Identity, type Message, type Storage, WIRE_LIMITS } from '@amp-mesh/protocol'
import * as Y from 'yjs'
import { Channel } from '../../packages/peer/src/channel.ts'
import { processorMs, progress } from './clock.ts'
import { loopback, streamOf } from './loopback.ts'
import {
  fact,
  genesis,
  holder,
  ledgerOf,
  type Material,
  material,
  mostlyReplaced,
  reader,
  silent,
  stored,
} from './material.ts'
import { keyOf } from './speed.ts'

/** Time of one join, ms: by the clock on the wall, and of the processor, both ends together; and what went over. */
export interface Join {
  wallMs: number
  processorMs: number
  megabytes: number
}

export interface Joins {
  records: number
  /** All records alive: entry by entry, where there are checkpoints, and as a Yjs document. */
  live: { segments: Join; checkpoint: Join; yjs: Join }
  /** Four of five replaced by later ones. */
  replaced: { segments: Join; checkpoint: Join; yjs: Join }
}

const BATCH = 100

export async function joins(records: number): Promise<Joins> {
  const measure = async (op: typeof fact, what: string) => {
    progress(`joining ${records} records, ${what}: entries`)
    const segments = await join(material(records, BATCH, { op }), records)
    progress(`joining ${records} records, ${what}: checkpoint`)
    const begun = material(records, BATCH, { op, checkpoints: true })
    const checkpoint = await join(begun, aliveIn(begun))
    progress(`joining ${records} records, ${what}: Yjs`)
    return { segments, checkpoint, yjs: await joinYjs(records, op) }
  }
  return {
    records,
    live: await measure(fact, 'all alive'),
    replaced: await measure(mostlyReplaced, '80 % replaced'),
  }
}

/** Records that all have once the logs are pruned: live ones, checkpoints, the ack. */
function aliveIn({ segments, acks }: Material): number {
  const held = ledgerOf()
  for (const bytes of [...acks, ...segments]) held.ingest(bytes)
  for (const log of held.logs()) held.prune(log)
  return [...held.records()].length
}

async function join(said: Material, expected: number): Promise<Join> {
  const source = await member(holder, await stored(said))
  const line = await loopback()
  const started = { wall: performance.now(), processor: processorMs() }
  const newcomer = await member(reader, new MemoryStorage())
  const whole = new Promise<void>(resolve => {
    newcomer.replica.subscribe(() => {
      if (newcomer.replica.records.size >= expected) resolve()
    })
  })
  source.connect(line.ends[0], reader)
  newcomer.connect(line.ends[1], holder)
  await whole
  const took = { wallMs: performance.now() - started.wall, processorMs: processorMs() - started.processor }
  if (newcomer.replica.records.size !== expected) throw new Error('a newcomer holds something else')
  line.close()
  await Promise.all([source.replica.close(), newcomer.replica.close()])
  return { ...took, megabytes: newcomer.received() / 1e6 }
}

export async function member(identity: Identity, storage: Storage) {
  let channel: Channel | undefined
  let bytes = 0
  const replica = await Replica.open({
    genesis,
    storage,
    identity,
    verify: opensslVerify(),
    hash: opensslHash,
    clock: systemClock,
    random: systemRandom,
    logger: silent,
    send: (_, message) => channel?.post(message) ?? false,
  })
  return {
    replica,
    received: () => bytes,
    connect(socket: Parameters<typeof streamOf>[0], other: Identity) {
      channel = new Channel({
        stream: streamOf(socket, other.peerId),
        clock: systemClock,
        maxBytes: WIRE_LIMITS.syncFrame,
        onMessage: (message: Message, length) => {
          bytes += length
          return replica.receive(other.peerId, message as SyncMessage)
        },
        onClose() {},
      })
      replica.neighbour(other.peerId, true)
    },
  }
}

/** What y-protocols does: the newcomer says what it has, the other answers with one update. */
async function joinYjs(records: number, op: typeof fact): Promise<Join> {
  const source = new Y.Doc()
  for (let i = 0; i < records; i += BATCH)
    source.transact(() => {
      for (let k = i; k < i + BATCH; k++) {
        const said = op(k)
        if (said.k === 'count') source.getMap('counters').set(said.name, said)
        else source.getMap('facts').set(keyOf(k), said)
      }
    })
  const line = await loopback()
  const started = { wall: performance.now(), processor: processorMs() }
  const newcomer = new Y.Doc()
  let bytes = 0
  const answered = new Promise<void>(resolve => {
    frames(line.ends[1], update => {
      bytes = update.length
      Y.applyUpdate(newcomer, update)
      resolve()
    })
  })
  frames(line.ends[0], vector => line.ends[0].write(encodeFrames([Y.encodeStateAsUpdate(source, vector)])))
  line.ends[1].write(encodeFrames([Y.encodeStateVector(newcomer)]))
  await answered
  const took = { wallMs: performance.now() - started.wall, processorMs: processorMs() - started.processor }
  if (newcomer.getMap('facts').size !== source.getMap('facts').size) throw new Error('a Yjs document lost something')
  line.close()
  return { ...took, megabytes: bytes / 1e6 }
}

const YJS_FRAME = 2 ** 30

function frames(socket: Parameters<typeof streamOf>[0], take: (body: Uint8Array) => void): void {
  const reading = new FrameReader(YJS_FRAME)
  socket.on('data', (chunk: Uint8Array) => {
    for (const body of reading.push(chunk)) take(body)
  })
}
