/** Below the records: frames, messages and invitations that lie. */
import { canonicalBytes, concat, encodeFrames, encodeGenesis, type Message, spaceIdOf } from '@amp-mesh/protocol'
import type { Attack } from '../attack.ts'
import { fact } from '../field.ts'
import { judged } from '../outcome.ts'
import { alice, MALLORY, PlainPeer, reader } from '../plain-peer.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

export const wire: readonly Attack[] = [
  {
    n: 19,
    name: 'truncated bytes, every prefix',
    plain: () => {
      const whole = alice().all()
      const peer = new PlainPeer()
      for (let length = 0; length < whole.length; length++) peer.take(whole.subarray(0, length))
      return judged(peer.doc.share.size > 0, `each throws, but ${peer.doc.share.size} root types stay`)
    },
    here: async arena => {
      const field = await arena.field()
      const { segment } = field.mallory.twin().write(fact('red'))
      const prefixes = Array.from({ length: segment.length - 1 }, (_, i) => segment.subarray(0, i + 1))
      return field.withstands(() => field.push(...prefixes))
    },
  },
  {
    n: 20,
    needsGuard: true,
    name: 'trailing bytes',
    plain: () => {
      const peer = new PlainPeer()
      peer.take(concat(alice().all(), new Uint8Array(9)))
      return judged(peer.map().has('f1'), 'taken: one content, many hashes')
    },
    here: async arena => {
      const field = await arena.field()
      const { segment } = field.mallory.twin().write(fact('red'))
      return field.withstands(() => field.push(concat(segment, Uint8Array.of(0)), concat(segment, new Uint8Array(64))))
    },
  },
  {
    n: 72,
    name: 'frames that claim too much, or never end',
    plain: () => {
      // the sync protocol frames by the length a message states: it is believed until memory ends
      const message = concat(Uint8Array.of(2, 255, 255, 255, 255, 7), alice().all())
      const { failure } = new PlainPeer().receive(message)
      return judged(false, failure?.message ?? 'taken')
    },
    here: async arena => {
      const field = await arena.field()
      return field.withstands(async () => {
        for (const each of field.wires) each.raw('sync', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x01))
        await field.settled()
        await field.reconnect()
        for (const each of field.wires) each.raw('amp', Uint8Array.of(0, 0, 0, 0))
        await field.settled()
        await field.reconnect()
        for (const each of field.wires) each.stall('sync', Uint8Array.of(0, 0, 0x80, 0, 1, 2, 3))
      })
    },
  },
  {
    n: 73,
    isLong: true, // who sends nonsense is turned away, and gets its next stream when the victim lets it
    name: 'messages that are none: maps within maps, lengths beyond the end, types nobody knows',
    plain: () => {
      const failures = [Uint8Array.of(9), Uint8Array.of(1, 255), Uint8Array.of(0, 200)].map(
        each => new PlainPeer().receive(each).failure,
      )
      return judged(failures.includes(undefined), failures.map(failure => failure?.message).join('; '))
    },
    here: async arena => {
      const field = await arena.field()
      const bodies = [
        Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff), // an array of 2^32 - 1
        Uint8Array.of(0xdf, 0x7f, 0xff, 0xff, 0xff), // a map of 2^31 - 1
        new Uint8Array(4_000).fill(0x91), // arrays 4,000 deep
        Uint8Array.of(0xc1),
        Uint8Array.of(0xc7, 0xff, 0x72, 0x00),
        utf8('{"type":"segment"}'),
      ]
      return field.withstands(async () => {
        for (const body of bodies) {
          for (const each of field.wires)
            for (const lane of ['amp', 'sync'] as const) each.raw(lane, encodeFrames([body]))
          await field.settled()
          await field.reconnect()
        }
      })
    },
  },
  {
    n: 74,
    isLong: true, // who sends nonsense is turned away, and gets its next stream when the victim lets it
    needsGuard: true,
    name: 'sound bytes in the wrong place: another space, no space, the other stream',
    plain: () => {
      const [peer, other] = [reader(), new PlainPeer(MALLORY)]
      other.map().set('f1', 'of another document')
      peer.take(other.all())
      return judged(peer.map().get('f1') !== undefined, 'a message does not say for which document it is')
    },
    here: async arena => {
      const [elsewhere, field] = [await arena.field(), await arena.field()]
      const { segment } = elsewhere.mallory.write(fact('red'))
      const nowhere = 'A'.repeat(43)
      return field.withstands(() => {
        for (const each of field.wires)
          for (const lane of ['amp', 'sync'] as const)
            each.post(
              lane,
              ...[field.space, nowhere].map((space): Message => ({ type: 'segment', space, bytes: segment })),
            )
      })
    },
  },
  {
    n: 75,
    name: 'an invitation that redefines a space',
    plain: () => {
      // a room is a name; whoever brings other content under the name has brought it into the room
      const [peer, impostor] = [reader(), new PlainPeer(MALLORY)]
      impostor.map('rules').set('verifiers', ['mallory'])
      peer.take(impostor.all())
      return judged(peer.map('rules').has('verifiers'), 'the rules are content, and hers now')
    },
    here: async arena => {
      const field = await arena.field()
      const coup = { ...field.genesis, verifiers: [{ pub: arena.mallory.identity.publicKey, operator: '', model: '' }] }
      const bytes = encodeGenesis(coup)
      const question = field.author(arena.mallory.identity).write({ k: 'broadcast', query: 'mine?' }).segment
      const time = Date.now()
      const repeated = canonicalBytes({ ...field.genesis, verifiers: [...coup.verifiers, ...coup.verifiers] })
      const outcome = await field.withstands(() => {
        for (const each of field.wires)
          for (const [space, genesis] of [
            [field.space, bytes],
            [spaceIdOf(bytes), bytes],
            [spaceIdOf(repeated), repeated],
            ['A'.repeat(43), bytes],
          ] as const)
            each.post('amp', { type: 'broadcast', id: space, time, space, genesis, question })
      })
      const joined = await Promise.all(arena.victims.map(victim => victim.isIn(spaceIdOf(bytes))))
      return joined.includes(true) ? judged(true, 'a victim entered her space') : outcome
    },
  },
]
