/** Who said it: forged authors, altered bytes, replays, gaps, and what somebody does to the records of another. */
import type { Attack } from '../attack.ts'
import { fact } from '../field.ts'
import { judged } from '../outcome.ts'
import { ALICE, alice, GROUND_HIGH, MALLORY, PlainPeer, reader } from '../plain-peer.ts'
import { contentAny, deletes, items } from '../yjs-update.ts'
import { withheld } from './forks.ts'

export const authorship: readonly Attack[] = [
  {
    n: 1,
    needsGuard: true,
    name: 'a forged author',
    plain: () => {
      const peer = reader()
      peer.take(items(ALICE, 7, { root: 'facts', key: 'f9', content: contentAny({ by: 'alice', o: 'forged' }) }))
      return judged(peer.map().has('f9'), "taken as alice's")
    },
    here: async arena => {
      const field = await arena.field()
      const forged = field.carol.signedBy(field.mallory.identity).write(fact('red')).segment
      return field.withstands(() => field.push(forged))
    },
  },
  {
    n: 2,
    needsGuard: true,
    name: 'a relay alters what it passes on',
    plain: () => {
      const peer = new PlainPeer()
      const update = Buffer.from(alice().all())
      update.write('pink', update.indexOf('blue'))
      peer.take(update)
      return judged(JSON.stringify(peer.map().get('f1')).includes('pink'), 'nothing is signed: the sky is pink')
    },
    here: async arena => {
      const field = await arena.field()
      const altered = Buffer.from(field.carol.twin().write(fact('blue')).segment)
      altered.write('pink', altered.indexOf('blue'))
      return field.withstands(() => field.push(altered))
    },
  },
  {
    n: 3,
    name: 'a replayed entry',
    plain: () => {
      const peer = reader()
      const before = peer.all()
      peer.take(alice().all(), alice().all())
      return judged(!Buffer.from(before).equals(peer.all()), 'state unchanged')
    },
    here: async arena => {
      const field = await arena.field()
      const { segment } = field.mallory.write(fact('red'))
      return field.withstands(() => field.push(segment, segment, segment), { own: 1 })
    },
  },
  {
    n: 4,
    needsGuard: true,
    name: 'an entry replayed from another space',
    plain: () => {
      const [elsewhere, peer] = [new PlainPeer(ALICE), new PlainPeer()]
      elsewhere.map().set('f1', 'said in another document')
      peer.take(elsewhere.all())
      return judged(peer.map().has('f1'), 'nothing ties an update to its document')
    },
    here: async arena => {
      const [elsewhere, field] = [await arena.field(), await arena.field()]
      const replayed = elsewhere.carol.write(fact('said elsewhere')).segment
      const first = elsewhere.author(arena.carol.identity, 1).write(fact('said elsewhere')).segment
      return field.withstands(() => field.push(replayed, first))
    },
  },
  {
    n: 5,
    name: 'an entry without the one before it',
    plain: () => {
      const [peer, other] = [reader(), new PlainPeer(8)]
      peer.take(items(MALLORY, 5, { root: 'facts', key: 'k', content: contentAny(1) }))
      other.syncFrom(peer)
      return judged(other.doc.store.pendingStructs !== null, 'kept pending for ever, and passed on')
    },
    here: async arena => {
      const field = await arena.field()
      const writer = field.author(field.mallory.identity)
      writer.write(fact('1'))
      const second = writer.write(fact('2')).segment
      return field.withstands(() => field.push(second))
    },
  },
  {
    n: 8,
    needsGuard: true,
    name: "another's record is deleted",
    plain: () => {
      const peer = reader()
      peer.take(deletes(ALICE, 0, 1))
      return judged(!peer.map().has('f1'), 'gone')
    },
    here: async arena => {
      const field = await arena.field()
      const { segment } = field.mallory.write({ k: 'retract', of: field.blue })
      return field.withstands(() => field.push(segment), { own: 1 })
    },
  },
  {
    n: 11,
    name: "another's record id is taken",
    plain: () => {
      const peer = reader()
      peer.take(items(GROUND_HIGH, 0, { root: 'facts', key: 'f1', content: contentAny('shadow') }))
      return judged(peer.map().get('f1') === 'shadow', 'the higher client id wins')
    },
    here: async arena => {
      const field = await arena.field()
      const claimed = new TextEncoder().encode(`{"id":"${field.blue}","k":"fact","o":"red","p":"colour","s":"sky"}`)
      return field.withstands(() => field.push(field.mallory.write(claimed).segment), { own: 1 })
    },
  },
  {
    n: 38,
    needsGuard: true,
    name: "another's record is superseded",
    plain: () => {
      const peer = reader()
      const other = new PlainPeer(MALLORY)
      other.syncFrom(peer)
      other.map().set('f1', 'superseded by mallory')
      peer.syncFrom(other)
      return judged(peer.map().get('f1') === 'superseded by mallory', 'overwritten')
    },
    here: async arena => {
      const field = await arena.field()
      const { segment } = field.mallory.write({ ...fact('red'), sup: field.blue })
      return field.withstands(() => field.push(segment), { own: 1 })
    },
  },
  {
    n: 56,
    needsGuard: true,
    name: "another's record is erased",
    plain: () => {
      const peer = reader()
      peer.take(
        items(GROUND_HIGH, 0, { root: 'facts', key: 'f1', content: contentAny(null) }),
        deletes(GROUND_HIGH, 0, 1),
      )
      return judged(peer.map().get('f1') === undefined, 'overwritten, then deleted: its content is collected')
    },
    here: async arena => {
      const field = await arena.field()
      const { segment } = field.mallory.write({ k: 'retract', of: field.blue, erase: true })
      return field.withstands(() => field.push(segment), { own: 1 })
    },
  },
  {
    n: 57,
    isLong: true,
    name: 'a lie about how far everybody is',
    plain: () => withheld(),
    here: async arena => {
      const field = await arena.field()
      const hash = 'A'.repeat(22)
      const heads = [arena.carol.identity, field.mallory.identity, arena.anna, arena.bert].map(({ publicKey }) => ({
        pub: publicKey,
        epoch: 0,
        seq: Number.MAX_SAFE_INTEGER,
        hash,
      }))
      return field.withstands(() => {
        for (const wire of field.wires) wire.post('sync', { type: 'heads', space: field.space, heads, full: true })
      })
    },
  },
]
