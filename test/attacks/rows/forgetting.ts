/** Bytes withheld, and bytes pushed into their place. */
import { decodeSegment, encodeSegment } from '@amp-mesh/context'
import { canonicalBytes, fromBase64url, type Op, sha256, toBase64url, u48 } from '@amp-mesh/protocol'
import * as Y from 'yjs'
import type { Attack } from '../attack.ts'
import { fact } from '../field.ts'
import { breach, judged } from '../outcome.ts'
import { alice, PlainPeer } from '../plain-peer.ts'

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
      const other = canonicalBytes(fact('no vote'))
      return field.withstands(
        async () => {
          field.push(withoutBytes(vote.segment))
          await field.settled()
          for (const wire of field.wires)
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
    plain: () => judged(true, 'there is no quota'),
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
    plain: () => judged(true, 'there is no bound'),
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
]

/** By what an artifact's chunks are asked for: its length and all its hashes. */
function contentOf(op: Op | undefined): string {
  if (op?.k !== 'artifact') throw new Error('bert has no artifact')
  return toBase64url(sha256(u48(op.bytes), ...[op.sha256, ...(op.chunks ?? [])].map(fromBase64url)))
}

/** The same segment, its chain and signature sound, each op only a hash. */
function withoutBytes(segment: Uint8Array): Uint8Array {
  const read = decodeSegment(segment)
  const entries = read.entries.map(entry => ({
    ...entry,
    ops: entry.ops.map(op => (op instanceof Uint8Array ? { leaf: sha256(op) } : op)),
  }))
  return encodeSegment({ ...read, entries })
}
