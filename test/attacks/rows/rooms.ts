/** What programs on the same machine try: rooms without a token, hostile editors, commands nobody may give. */
import { statusOf } from '../../rooms/visitor.ts'
import { keyOf } from '../arena.ts'
import type { Attack } from '../attack.ts'
import type { Field } from '../field.ts'
import { judged } from '../outcome.ts'
import { ALICE, GROUND_HIGH, MALLORY, reader } from '../plain-peer.ts'
import { throughRooms, unseen } from '../room-doors.ts'
import { contentAny, deletes, items, type Struct, subdocument } from '../yjs-update.ts'

export const rooms: readonly Attack[] = [
  {
    n: 55,
    isLong: true,
    name: 'a hostile editor: roots of others, sub-documents, deletions',
    plain: () => {
      const peer = reader()
      peer.take(...hostileEdits(ALICE))
      const harm = [!peer.map().has('f1'), peer.doc.subdocs.size > 0, peer.doc.share.has('foreign')]
      return judged(harm.includes(true), `${harm.filter(each => each).length} of 3 got into everybody's document`)
    },
    here: async arena => {
      const [field, draft] = [await arena.field(), await arena.draft()]
      const anna = draft.clientOf({ ...arena.carol.identity, ...arena.anna })
      return field.withstands(async () => {
        await unseen(field, async () => {
          for (const update of hostileEdits(MALLORY)) await throughRooms(field, update)
        })
        for (const update of hostileEdits(anna)) await draft.intrude(update)
        await draft.honestWords('bert')
      })
    },
  },
  {
    n: 76,
    needsGuard: true,
    name: 'into the rooms without token, from a web page, under another name',
    plain: () => {
      const peer = reader()
      peer.take(items(MALLORY, 0, { root: 'facts', key: 'x', content: contentAny('from any page') }))
      return judged(peer.map().has('x'), 'y-websocket asks nobody who it is')
    },
    here: async arena => (await arena.field()).staysShut(knocking),
  },
  {
    n: 77,
    needsGuard: true,
    name: "commands an outbox may not take: admissions, acks, votes, another's name",
    plain: () => {
      const peer = reader()
      peer.take(
        items(MALLORY, 0, { root: 'commands', content: contentAny({ k: 'admit', by: 'alice', pub: 'mallory' }) }),
      )
      return judged(peer.list('commands').length === 1, "the order stands in the document, in alice's name")
    },
    here: async arena => {
      const field = await arena.field()
      const orders = items(MALLORY, 0, ...forbidden(field).map(order => command(order)))
      const named = { k: 'fact', s: 'sky', p: 'colour', o: 'red', agent: 'bert', by: arena.bert.publicKey }
      const signed = items(MALLORY + 1, 0, command(named))
      return field.withstands(
        async () => {
          await throughRooms(field, orders)
          await throughRooms(field, signed)
        },
        {
          // who has a peer's token speaks for that peer: each of the two signs it as its own, by way of the outbox
          own: 4,
          also: pictures => spokenFor(pictures[0]?.records ?? {}),
        },
      )
    },
  },
]

const command = (order: object): Struct => ({ root: 'commands', content: contentAny(order) })

const hostileEdits = (victim: number): Uint8Array[] => [
  items(GROUND_HIGH, 0, { root: 'foreign', key: 'x', content: contentAny(1) }),
  items(GROUND_HIGH, 1, { root: 'content', key: 'k', content: subdocument('evil') }),
  deletes(victim, 0, 100_000),
]

/** What says something about the peer itself, or binds it for ever. */
function forbidden({ blue, carol }: Field): object[] {
  const stranger = keyOf('a stranger').publicKey
  return [
    { k: 'admit', pub: stranger },
    { k: 'settle', heads: [[carol.log, 1_000]] },
    { k: 'ack', heads: [[carol.log, 0, 'A'.repeat(22)]] },
    { k: 'verify', of: blue, v: 1, slot: blue, ver: 0, e: 0, vs: 'A'.repeat(86) },
    { k: 'cert', of: blue, slot: blue, ver: 0, e: 0, sigs: [] },
    { k: 'ckpt', upto: 0, ops: 0, n: 0, size: 0, root: 'A'.repeat(43) },
    { k: 'nothing', known: true },
    { k: 'fact', s: 'x'.repeat(9_000), p: 'y', o: 1 },
  ]
}

function spokenFor(records: Readonly<Record<string, { op: object }>>): string | undefined {
  const red = Object.values(records).filter(({ op }) => 'o' in op && op.o === 'red')
  const wrong = red.find(({ op }) => 'agent' in op || !('via' in op) || op.via !== 'outbox')
  return wrong === undefined ? undefined : `taken as said: ${JSON.stringify(wrong.op)}`
}

/** Every way in but the right one; tells the first that opens. */
async function knocking({ arena: { anna }, space }: Field): Promise<string | undefined> {
  const url = `${anna.roomsUrl(space)}/graph`
  const right = [`amp.token.${anna.token}`]
  const ways: readonly [how: string, url: string, protocols: string[], headers: Record<string, string>][] = [
    ['without a token', url, [], {}],
    ['with a wrong token', url, ['amp.token.wrong'], {}],
    ['with a token cut short', url, [`amp.token.${anna.token.slice(0, -1)}`], {}],
    ['with an empty token', `${url}?token=`, [], {}],
    ['from loopback as such', url, [], { 'x-forwarded-for': '127.0.0.1' }],
    ['from another page', url, right, { origin: 'https://evil.example' }],
    ['from a page of no origin', url, right, { origin: 'null' }],
    ['from a page with a like name', url, right, { origin: 'http://127.0.0.1.evil.example' }],
    ['under another name', url, right, { host: 'evil.example' }],
    ['by a detour', url.replace('/context/', '/context/x/../'), [], {}],
    ['by an escaped path', url.replace('/context/', '/%63ontext/'), [], {}],
  ]
  for (const [how, where, protocols, headers] of ways)
    if ((await statusOf(where, protocols, headers).catch(() => 0)) === 101) return how
  return undefined
}
