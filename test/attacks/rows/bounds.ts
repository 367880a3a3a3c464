/** Too much of it: floods of records, epochs, admissions and questions. */
import type { Op } from '@amp-mesh/protocol'
import { keyOf } from '../arena.ts'
import type { Attack } from '../attack.ts'
import { bytesOf } from '../author.ts'
import { type Field, fact } from '../field.ts'
import { breach, judged, type Outcome } from '../outcome.ts'
import { MALLORY, PlainPeer, reader } from '../plain-peer.ts'
import { contentAny, items } from '../yjs-update.ts'

/** What an op costs of its log's quota beside its bytes. */
const OP_COST = 12
const QUOTA = 2_000
const brick = fact('x'.repeat(100))
const fitting = Math.floor(QUOTA / (bytesOf(brick).length + OP_COST))

/** One author writes a thousand records into plain Yjs. */
export function flooded(): Outcome {
  const [peer, mallory] = [reader(), new PlainPeer(MALLORY)]
  mallory.doc.transact(() => {
    for (let i = 0; i < 1_000; i++) mallory.map('flood').set(`${i}`, brick)
  })
  peer.take(mallory.all())
  return judged(peer.map('flood').size === 1_000, 'all of 1,000 taken, and all of a million would be')
}

export const bounds: readonly Attack[] = [
  {
    n: 44,
    needsGuard: true,
    name: 'flooding',
    plain: flooded,
    here: async arena => {
      const field = await arena.field({ limits: { quota: QUOTA } })
      const flood = Array.from({ length: 60 }, () => field.mallory.write(brick).segment)
      return field.withstands(() => field.push(...flood), { own: fitting })
    },
  },
  {
    n: 69,
    isLong: true,
    name: 'dodging the quota through many epochs',
    plain: flooded,
    here: async arena => {
      const field = await arena.field({ limits: { quota: QUOTA } })
      const logs = Array.from({ length: 24 }, (_, epoch) => field.author(field.mallory.identity, epoch))
      const flood = logs.flatMap(log => Array.from({ length: fitting + 2 }, () => log.write(brick).segment))
      return field.withstands(() => field.push(...flood), { own: 16 * fitting })
    },
  },
  {
    n: 70,
    isLong: true,
    name: 'a verifier admits a crowd: the 65th and on',
    plain: () => {
      const peer = reader()
      for (let i = 0; i < 80; i++)
        peer.take(items(1_000 + i, 0, { root: 'facts', key: `f${i}`, content: contentAny(i) }))
      return judged(peer.map().has('f79'), 'whoever connects writes')
    },
    here: async arena => {
      const field = await arena.field()
      const crowd = Array.from({ length: 80 }, (_, i) => field.author(keyOf(`crowd ${i}`)))
      const admits = crowd.map((each): Op => ({ k: 'admit', pub: each.identity.publicKey }))
      const words = crowd.map(each => each.write(fact('me too')).segment)
      return field.withstands(() => field.push(field.mallory.write(...admits).segment, ...words), { own: 80 + 64 })
    },
  },
  {
    n: 71,
    isLong: true,
    name: 'a flood of wants: few bytes that ask for many',
    plain: () => {
      const [peer, mallory] = [reader(), new PlainPeer(MALLORY)]
      mallory.map('flood').set('large', 'x'.repeat(200_000))
      peer.take(mallory.all())
      const asked = Array.from({ length: 100 }, () => peer.receive(Uint8Array.of(0, 1, 0)).answer.length)
      const bytes = asked.reduce((sum, each) => sum + each, 0)
      return judged(bytes > 10e6, `300 bytes are answered with ${Math.round(bytes / 1e6)} MB, without a bound`)
    },
    here: async arena => {
      const field = await arena.field()
      const large = Array.from({ length: 16 }, (_, i) => fact(`${i} `.padEnd(8_000, 'x')))
      field.push(field.mallory.write(...large).segment)
      await field.settled()
      const outcome = await field.withstands(() => floodOfWants(field))
      const sent = field.wires[0].heard('segment').reduce((sum, { bytes }) => sum + bytes.length, 0)
      if (outcome.breach || sent < 20 * 1024 * 1024)
        return { ...outcome, saw: `busy after ${Math.round(sent / 1e6)} MB` }
      return breach(`${Math.round(sent / 1e6)} MB were sent`)
    },
  },
]

/** 256 ranges a message, each for the same 130 kB: 133 MB asked for in 40 kB. */
function floodOfWants(field: Field): void {
  const range = { pub: field.mallory.identity.publicKey, epoch: 0, from: 0, to: 0 }
  const ranges = Array.from({ length: 256 }, () => range)
  for (let i = 0; i < 4; i++) field.wires[0].post('sync', { type: 'want', space: field.space, ranges })
}
