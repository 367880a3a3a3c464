/** Few bytes that cost much: numbers beyond all bounds, nesting, and work that grows with its square. */
import * as Y from 'yjs'
import { apart } from '../apart.ts'
import type { Attack } from '../attack.ts'
import { atEveryDoor } from '../doors.ts'
import { failureOf, judged, type Outcome } from '../outcome.ts'
import { ALICE, GROUND_HIGH, MALLORY, PlainPeer, reader } from '../plain-peer.ts'
import { contentAny, contentType, craft, items, type Struct, varUint } from '../yjs-update.ts'

/** CPU time above which some kilobytes are an attack, ms. */
const TOO_LONG = 300

function bomb(n: number, name: string, bytes: Uint8Array, plain: () => Outcome): Attack {
  return { n, name, isLong: true, plain, here: async arena => atEveryDoor(await arena.field(), bytes) }
}

const giantClock = Uint8Array.of(1, 1, MALLORY, ...varUint(2n ** 55n), 0, ...varUint(2n ** 54n), 0)
const giantLength = items(MALLORY, 0, { gc: Number.MAX_SAFE_INTEGER })
const manyClaimed = craft([[MALLORY, 0, [], 33_000_000]])
/** yjs#687: 80e1eb17 stands where fdffffffff7f would need days. */
const runLength = Buffer.from('0001000000000100010001020000160200000180e1eb170000', 'hex')
const nestedTypes = (depth: number) =>
  items(
    MALLORY,
    0,
    ...Array.from(
      { length: depth },
      (_, i): Struct => ({
        ...(i === 0 ? { root: 'content' } : { parent: [MALLORY, i - 1] }),
        content: contentType(0),
      }),
    ),
  )
const manyRoots = items(
  MALLORY,
  0,
  ...Array.from({ length: 5_000 }, (_, i): Struct => ({ root: `r${i}`, content: contentAny(0) })),
)
const nullOrigins = items(
  GROUND_HIGH,
  0,
  ...Array.from({ length: 500 }, (_, i): Struct => ({ root: 'log', content: contentAny(i) })),
)
const oneKey = (times: number) =>
  items(
    MALLORY,
    0,
    ...Array.from({ length: times }, (): Struct => ({ root: 'facts', key: 'k', content: contentAny(0) })),
  )

export const bombs: readonly Attack[] = [
  bomb(15, 'a giant clock, 2^55', giantClock, () => {
    const peer = reader()
    peer.take(giantClock)
    return judged(peer.doc.store.pendingStructs !== null, 'a clock above 2^53 is stored')
  }),
  bomb(16, 'a giant length, 2^53', giantLength, () => {
    const peer = reader()
    peer.take(giantLength)
    return judged(Y.getState(peer.doc.store, MALLORY) > 1e15, 'accepted: arithmetic on it is inexact from here')
  }),
  bomb(17, 'a claim of 33 million structs', manyClaimed, () =>
    apart(
      `const before = process.memoryUsage().rss
       try { Y.applyUpdate(new Y.Doc(), Uint8Array.from([${manyClaimed}])) } catch {}
       console.log(Math.round((process.memoryUsage().rss - before) / 1e6))`,
      megabytes => judged(Number(megabytes) > 100, `${megabytes} MB for ${manyClaimed.length} bytes`),
    ),
  ),
  bomb(18, 'a run-length bomb in format V2, 25 bytes', runLength, () =>
    apart(`Y.applyUpdateV2(new Y.Doc(), Buffer.from('${runLength.toString('hex')}', 'hex'))`, () =>
      judged(false, 'survived'),
    ),
  ),
  bomb(24, '20,000 nested shared types', nestedTypes(20_000), () => {
    const peer = reader()
    peer.take(nestedTypes(20_000))
    const failure = failureOf(() => peer.doc.getArray('content').toJSON())
    return judged(failure !== undefined, `readers' toJSON: ${failure?.message}`)
  }),
  bomb(28, 'root types without end', manyRoots, () => {
    const peer = reader()
    peer.take(manyRoots)
    return judged(peer.doc.share.size > 4_000, `${peer.doc.share.size} root types, never freed`)
  }),
  bomb(39, 'items that make the reader scan its whole list', nullOrigins, () => {
    const peer = new PlainPeer(ALICE)
    peer.doc.transact(() => {
      for (let i = 0; i < 10_000; i++) peer.list().insert(0, [i])
    })
    return costly(nullOrigins.length, () => peer.take(nullOrigins))
  }),
  {
    n: 40,
    isLong: true,
    name: '16,000 sets of one key',
    plain: () => {
      const peer = new PlainPeer()
      const bytes = oneKey(16_000)
      return costly(bytes.length, () => peer.take(bytes))
    },
    // fewer, for the y-websocket client that sends them has to take them first
    here: async arena => atEveryDoor(await arena.field(), oneKey(3_000)),
  },
  {
    n: 42,
    isLong: true,
    name: 'many small updates that wait for ever',
    plain: () => {
      const peer = reader()
      const waiting = Array.from({ length: 800 }, (_, i) =>
        items(1000 + i, 5, { root: 'facts', key: 'k', content: contentAny('x') }),
      )
      return costly(
        waiting.reduce((sum, each) => sum + each.length, 0),
        () => peer.take(...waiting),
      )
    },
    here: async arena => {
      const field = await arena.field()
      const before = await memory(field.arena)
      const writer = field.author(field.mallory.identity)
      writer.write({ k: 'fact', s: 'the', p: 'missing', o: 'one' })
      const waiting = Array.from({ length: 300 }, (_, i) => writer.write({ k: 'fact', s: 'x', p: 'y', o: i }).segment)
      const outcome = await field.withstands(() => field.push(...waiting))
      const grown = (await memory(field.arena)) - before
      return outcome.breach ? outcome : judged(grown > 200e6, outcome.saw)
    },
  },
]

const memory = async (arena: Parameters<Attack['here']>[0]) =>
  (await Promise.all(arena.victims.map(victim => victim.cost()))).reduce(
    (sum, { residentBytes }) => sum + residentBytes,
    0,
  )

/** A breach when the work takes too much CPU time for its bytes. */
function costly(bytes: number, work: () => void): Outcome {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  const ms = (user + system) / 1_000
  return judged(ms > TOO_LONG, `${(ms / 1_000).toFixed(1)} s for ${Math.ceil(bytes / 1_000)} kB`)
}
