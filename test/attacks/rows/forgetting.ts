/** Bytes withheld, and bytes pushed into their place. */
import { decodeSegment, encodeSegment } from '@amp-mesh/context'
import { canonicalBytes, fromBase64url, type Identity, type Op, sha256, toBase64url, u48 } from '@amp-mesh/protocol'
import * as Y from 'yjs'
import { keyOf } from '../arena.ts'
import type { Attack } from '../attack.ts'
import { fact } from '../field.ts'
import { breach, judged } from '../outcome.ts'
import { alice, MALLORY, PlainPeer, reader } from '../plain-peer.ts'
import { flooded } from './bounds.ts'
import { withheld } from './forks.ts'

export const forgetting: readonly Attack[] = [
  {
    n: 51,
    name: 'a relay passes records on as forgotten',
    plain: () => {
      const [relay, newcomer] = [new PlainPeer(), new PlainPeer(9)]
      relay.syncFrom(alice())
      relay.map().delete('f1')
      newcomer.syncFrom(relay)
      return judged(!newcomer.map().has('f1'), 'the newcomer can not tell that something was left out')
    },
    here: async arena => {
      const field = await arena.field()
      const vote = field.carol.write(fact('a vote'))
      // mallory brings carol's entry first, without its bytes; carol's own copy comes later
      const outcome = await field.withstands(
        async () => {
          field.push(withoutBytes(vote.segment))
          await field.settled()
          await field.bring(vote.segment)
          await field.arrived(...vote.ids)
        },
        { honest: vote.ids },
      )
      return outcome
    },
  },
  {
    n: 79,
    name: 'other bytes for a missing record',
    plain: () => {
      const [newcomer, relay] = [new PlainPeer(9), new PlainPeer()]
      const update = Y.diffUpdate(alice().all(), newcomer.state())
      relay.take(Buffer.from(Buffer.from(update).toString('latin1').replace('blue', 'pink'), 'latin1'))
      newcomer.syncFrom(relay)
      return judged(
        JSON.stringify(newcomer.map().get('f1')).includes('pink'),
        'whoever fills the gap decides with what',
      )
    },
    here: async arena => {
      const field = await arena.field()
      const vote = field.carol.write(fact('a vote'))
      const others = ['b vote', 'no vote'].map(o => canonicalBytes(fact(o)))
      return field.withstands(
        async () => {
          field.push(withoutBytes(vote.segment))
          await field.settled()
          for (const wire of field.wires)
            for (const other of others)
              wire.post('sync', { type: 'ops', space: field.space, ops: [[field.carol.log, 2, other]] })
          await field.settled()
          await field.bring(vote.segment)
          await field.arrived(...vote.ids)
        },
        { honest: vote.ids },
      )
    },
  },
  {
    n: 91,
    name: "other bytes for an artifact's chunks",
    plain: () => {
      const [peer, relay] = [new PlainPeer(9), new PlainPeer()]
      relay.map('files').set('notes', 'whatever the relay likes')
      peer.syncFrom(relay)
      return judged(peer.map('files').has('notes'), 'contents are as they come')
    },
    here: async arena => {
      const field = await arena.field()
      const { anna, bert } = arena
      const content = 'what anna found out. '.repeat(8_000)
      const artifact = await anna.putArtifact(field.space, content)
      await field.arrived(artifact)
      const op = (await bert.picture(field.space)).records[artifact]?.op
      let got = ''
      const outcome = await field.withstands(async () => {
        const lies = [new Uint8Array(65_536).fill(65), new Uint8Array(10), undefined]
        const [, wire] = field.wires
        for (const bytes of lies)
          for (const n of [0, 1, 2, 255])
            wire.post('sync', { type: 'chunk', space: field.space, content: contentOf(op), n, ...(bytes && { bytes }) })
        got = await bert.artifact(field.space, artifact)
      })
      return outcome.breach || got === content ? outcome : breach('bert got other bytes')
    },
  },
  {
    n: 80,
    name: 'a quota dodged by withholding the bytes',
    plain: flooded,
    here: async arena => {
      const field = await arena.field({ limits: { quota: 2_000 } })
      const flood = Array.from({ length: 60 }, () => field.mallory.write(fact('x'.repeat(100))).segment)
      // one victim is sent the bytes, the other only their hashes: both must stop at the same entry
      return field.withstands(
        async () => {
          field.wires[0].push(field.space, ...flood.map(withoutBytes))
          await field.settled()
          field.wires[1].push(field.space, ...flood)
        },
        { own: Math.floor(2_000 / (canonicalBytes(fact('x'.repeat(100))).length + 12)) },
      )
    },
  },
  {
    n: 81,
    name: 'a record above its bound, its bytes withheld at first',
    plain: () => {
      const [peer, mallory] = [reader(), new PlainPeer(MALLORY)]
      const before = mallory.state()
      mallory.map().set('large', 'x'.repeat(2_000_000))
      peer.take(mallory.since(before))
      return judged(String(peer.map().get('large')).length === 2_000_000, 'a record of 2 MB is taken as any other')
    },
    here: async arena => {
      const field = await arena.field()
      const large = canonicalBytes({ k: 'fact', s: 'a', p: 'b', o: Array.from({ length: 5 }, () => 'x'.repeat(4_000)) })
      const { segment } = field.mallory.write(large)
      return field.withstands(async () => {
        for (const each of [withoutBytes(segment), segment]) field.push(each)
        await field.settled()
        for (const wire of field.wires)
          wire.post('sync', { type: 'ops', space: field.space, ops: [[field.mallory.log, 0, large]] })
      })
    },
  },
  {
    n: 92,
    needsGuard: true,
    name: 'a quota dodged by claiming that withheld bytes are few',
    plain: flooded,
    here: async arena => {
      const field = await arena.field({ limits: { quota: 2_000 } })
      const brick = canonicalBytes(fact('x'.repeat(100)))
      const few = Array.from({ length: 60 }, () => ({ length: 1, leaf: sha256(brick) }))
      return field.withstands(async () => {
        field.push(field.mallory.lie({ entries: [{ time: Date.now(), ops: few }] }))
        await field.settled()
        for (const wire of field.wires)
          for (let n = 0; n < few.length; n++)
            wire.post('sync', { type: 'ops', space: field.space, ops: [[field.mallory.log, n, brick]] })
      })
    },
  },
  {
    n: 98,
    name: "holes that nobody can fill, so that others' are not asked for",
    plain: () => withheld(),
    here: async arena => {
      const field = await arena.field()
      const vote = field.carol.write(fact('a vote'))
      const none = Array.from({ length: 200 }, (_, i) => ({ length: 9, leaf: sha256(u48(i)) }))
      return field.withstands(
        async () => {
          field.push(field.mallory.lie({ entries: [{ time: Date.now(), ops: none }] }))
          await field.settled()
          // anna gets carol's entry without its bytes; bert, whom she can ask for them, gets all of it
          field.wires[0].push(field.space, withoutBytes(vote.segment))
          await field.settled()
          const wire = await arena.carol.wire(arena.bert)
          wire.push(field.space, vote.segment)
          await field.arrived(...vote.ids)
        },
        { honest: vote.ids },
      )
    },
  },
  {
    n: 93,
    name: 'an acknowledgement taken back by erasing it',
    plain: () => {
      const [peer, mallory] = [reader(), new PlainPeer(MALLORY)]
      mallory.map('acks').set('alice', 'held up to 7')
      const held = mallory.all()
      peer.take(held)
      mallory.map('acks').delete('alice')
      peer.take(mallory.all())
      return judged(!peer.map('acks').has('alice'), 'who comes later never learns that it was given')
    },
    here: async arena => {
      const [wanda, ...witnesses] = ['wanda', 'dave', 'erin'].map(keyOf) as [Identity, Identity, Identity]
      const field = await arena.field({ open: false, writers: [wanda], verifiers: witnesses })
      const author = field.author(wanda)
      const [twin, word] = [author.twin(), author.write(fact('relied on'))]
      const head = [author.log, 0, toBase64url(author.hash.subarray(0, 16))] as [string, number, string]
      const [honest, own] = [[arena.carol.identity, ...witnesses].map(key => field.author(key, 1)), field.mallory]
      const acks = honest.map(witness => witness.write({ k: 'ack', heads: [head] }))
      // hers makes them a quorum. One victim gets it, the other only what is left of it once she erased it.
      const ack = own.write({ k: 'ack', heads: [head] })
      const erased = own.write({ k: 'retract', of: ack.ids[0] ?? '', erase: true })
      return field.withstands(
        async () => {
          field.push(word.segment, ...acks.map(({ segment }) => segment))
          field.wires[0].push(field.space, ack.segment, erased.segment)
          field.wires[1].push(field.space, withoutBytes(ack.segment), erased.segment)
          await field.settled()
          field.push(twin.write(fact('another')).segment)
        },
        { honest: [...word.ids, ...acks.flatMap(({ ids }) => ids)], own: 2 },
      )
    },
  },
  {
    n: 94,
    isLong: true,
    name: 'tiny records erased until nobody can hold what is left of them',
    plain: () => {
      const [peer, mallory] = [reader(), new PlainPeer(MALLORY)]
      for (let i = 0; i < 20_000; i++) mallory.map('tiny').set('k', i)
      peer.take(mallory.all())
      const left = mallory.all().length
      return judged(
        left < 1_000 && peer.map('tiny').get('k') === 19_999,
        `nobody sees what was there: ${left} bytes left`,
      )
    },
    here: async arena => {
      const field = await arena.field()
      const tiny = canonicalBytes({ k: 'x' })
      const entry = { time: Date.now(), ops: Array.from({ length: 1_000 }, () => tiny) }
      const full = field.mallory.full(entry, Math.floor((2 ** 20 - 142) / (8 + 13 * 1_000)))
      const erased = full.ids.slice(0, 1_000).map((of): Op => ({ k: 'retract', of, erase: true }))
      const segments = [full.segment, field.mallory.write(...erased).segment]
      return field.withstands(() => field.push(...segments), { own: 2_000, opaque: 100_000 })
    },
  },
]

/** By what an artifact's chunks are asked for: its length and all its hashes. */
function contentOf(op: Op | undefined): string {
  if (op?.k !== 'artifact') throw new Error('bert has no artifact')
  return toBase64url(sha256(u48(op.bytes), ...[op.sha256, ...(op.chunks ?? [])].map(fromBase64url)))
}

/** The same segment, its chain and signature sound, each op only a hash. */
export function withoutBytes(segment: Uint8Array): Uint8Array {
  const read = decodeSegment(segment)
  const entries = read.entries.map(entry => ({
    ...entry,
    ops: entry.ops.map(op => (op instanceof Uint8Array ? { length: op.length, leaf: sha256(op) } : op)),
  }))
  return encodeSegment({ ...read, entries })
}
