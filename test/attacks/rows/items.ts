/** What a Yjs update can do to other people's items; our format has no place for any of it. */
import * as encoding from 'lib0/encoding'
import type { Attack } from '../attack.ts'
import { atEveryDoor } from '../doors.ts'
import { judged, type Outcome } from '../outcome.ts'
import { ALICE, GROUND_HIGH, MALLORY, type PlainPeer, READER, reader } from '../plain-peer.ts'
import { contentAny, contentType, deletes, items, rawContent, subdocument } from '../yjs-update.ts'

/** One update against a reader, and the same bytes at every door of ours. */
function item(
  n: number,
  name: string,
  update: Uint8Array,
  judge: (peer: PlainPeer, failure?: Error) => Outcome,
): Attack {
  return {
    n,
    name,
    isLong: true,
    plain: () => {
      const peer = reader()
      return judge(peer, peer.take(update))
    },
    here: async arena => atEveryDoor(await arena.field(), update),
  }
}

/** What alice writes next, after the attack. */
const aliceGoesOn = items(ALICE, 7, { root: 'facts', key: 'f2', content: contentAny('later') })

export const foreignItems: readonly Attack[] = [
  item(9, 'records deleted before they are written', deletes(ALICE, 7, 1000), peer => {
    peer.take(aliceGoesOn)
    return judged(!peer.map().has('f2'), "alice's next record arrives deleted")
  }),
  item(
    10,
    "another's map key is overwritten, the delete set left out",
    items(MALLORY, 0, { origin: [ALICE, 0], content: contentAny({ s: 'sky', o: 'red', by: 'alice' }) }),
    peer => judged(JSON.stringify(peer.map().get('f1')).includes('red'), 'overwritten by bytes that name no key'),
  ),
  item(
    12,
    "insertion into another's nested type",
    items(MALLORY, 0, { parent: [ALICE, 2], content: contentAny('EVIL') }),
    peer => judged(JSON.stringify(peer.map('threads')).includes('EVIL'), "it stands in alice's thread"),
  ),
  {
    n: 13,
    name: "deleting one's own container with others' content in it",
    plain: () => {
      const peer = reader()
      peer.take(items(MALLORY, 0, { root: 'threads', key: 'mine', content: contentType(1) }))
      peer.take(items(ALICE, 7, { parent: [MALLORY, 0], key: 'a', content: contentAny('alice wrote here') }))
      peer.take(deletes(MALLORY, 0, 1))
      return judged(!JSON.stringify(peer.map('threads')).includes('alice wrote'), "alice's words went with it")
    },
    here: async arena => {
      const field = await arena.field()
      const thread = field.mallory.write({ k: 'thread', title: 'mine' })
      const said = field.carol.write({ k: 'msg', in: thread.ids[0] ?? '', text: 'carol wrote here' })
      field.push(thread.segment)
      await field.bring(said.segment)
      await field.arrived(...thread.ids, ...said.ids)
      const retracted = field.mallory.write({ k: 'retract', of: thread.ids[0] ?? '', erase: true })
      return field.withstands(() => field.push(retracted.segment), { own: 1, changes: thread.ids })
    },
  },
  item(14, "collected items over another's next clocks", items(ALICE, 7, { gc: 50 }), peer => {
    peer.take(aliceGoesOn)
    return judged(!peer.map().has('f2'), "alice's next records are swallowed")
  }),
  item(21, 'bytes two parsers read differently', twoSections(), peer =>
    judged(peer.doc.store.pendingStructs !== null, 'a guard sees two items, the document keeps one of them, pending'),
  ),
  item(
    22,
    'an unknown content type',
    items(MALLORY, 0, { root: 'spam', content: rawContent(17, [1]) }),
    (peer, failure) => judged(peer.doc.share.has('spam'), `${failure?.message}, but its root type stays`),
  ),
  item(
    25,
    'a sub-document that loads itself',
    items(MALLORY, 0, { root: 'facts', key: 'k', content: subdocument('evil-room') }),
    peer => judged(peer.doc.subdocs.size > 0, 'live sub-document'),
  ),
  item(
    27,
    '__proto__ as a map key',
    items(MALLORY, 0, { root: 'facts', key: '__proto__', content: contentAny({ admin: true }) }),
    peer => judged((peer.map().toJSON() as { admin?: boolean }).admin === true, 'toJSON() has a prototype of hers'),
  ),
  {
    n: 29,
    name: 'grinding for a high id',
    plain: () => {
      const peer = reader()
      peer.take(items(GROUND_HIGH, 0, { root: 'facts', key: 'new', content: contentAny('mallory') }))
      peer.take(items(ALICE, 7, { root: 'facts', key: 'new', content: contentAny('alice') }))
      return judged(peer.map().get('new') === 'mallory', 'a chosen id wins every concurrent set')
    },
    here: async arena => {
      const field = await arena.field()
      // of sixteen epochs the log with the highest id, and in it the best of many ways to write the same
      const logs = Array.from({ length: 16 }, (_, epoch) => field.author(field.mallory.identity, epoch))
      const highest = logs.sort((a, b) => (a.log < b.log ? 1 : -1))[0] ?? field.mallory
      const tries = Array.from({ length: 64 }, (_, i) => ({ k: 'fact', s: 'sky', p: 'colour', o: `red ${i}` }) as const)
      const ground = highest.write(...tries)
      return field.withstands(() => field.push(ground.segment), { own: 64 })
    },
  },
  item(
    30,
    "the victim's own client id is taken",
    items(READER, 0, { root: 'facts', key: 'z', content: contentAny(1) }),
    peer => judged(peer.doc.clientID !== READER, 'the reader writes under another id from now on'),
  ),
]

/** Two sections of one client, of which one parser yields both and the other keeps the last. */
function twoSections(): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 2)
  for (const [clock, value] of [
    [0, 'seen by the guard'],
    [1, 'kept'],
  ] as const) {
    for (const part of [1, MALLORY, clock]) encoding.writeVarUint(encoder, part)
    encoding.writeUint8(encoder, 8 | 0x20)
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarString(encoder, 'facts')
    encoding.writeVarString(encoder, `k${clock}`)
    encoding.writeVarUint(encoder, 1)
    encoding.writeAny(encoder, value)
  }
  encoding.writeVarUint(encoder, 0)
  return encoding.toUint8Array(encoder)
}
