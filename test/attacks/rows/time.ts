/** When it was said: times in the future, in the past, and running backwards. */
import type { Attack } from '../attack.ts'
import { fact } from '../field.ts'
import { judged } from '../outcome.ts'
import { PlainPeer, reader } from '../plain-peer.ts'

interface Timed {
  value: string
  at: number
}

/** What an application makes of entries that state their own time: the latest counts. */
function latest(peer: PlainPeer): string {
  const timed = [...peer.map('timed').values()] as Timed[]
  return timed.sort((a, b) => b.at - a.at)[0]?.value ?? ''
}

/** A reader in which alice and mallory each said something, at times of their own choice. */
function said(byAlice: number, byMallory: number): PlainPeer {
  const [peer, alice, mallory] = [reader(), new PlainPeer(2), new PlainPeer(3)]
  alice.map('timed').set('a', { value: 'alice', at: byAlice })
  mallory.map('timed').set('m', { value: 'mallory', at: byMallory })
  peer.take(alice.all(), mallory.all())
  return peer
}

const HOUR = 3_600_000

export const times: readonly Attack[] = [
  {
    n: 33,
    needsGuard: true,
    name: 'a time in the future, to be the latest for ever',
    plain: () => judged(latest(said(Date.now(), 1.9e14)) === 'mallory', 'she is the latest until the year 7990'),
    here: async arena => {
      const field = await arena.field()
      const words = field.mallory.writeAt(1.9e14, { k: 'reg', name: 'any/colour', v: 'red' })
      return field.withstands(() => field.push(words.segment))
    },
  },
  {
    n: 34,
    needsGuard: true,
    name: 'time that runs backwards',
    plain: () => {
      const [peer, mallory] = [reader(), new PlainPeer(3)]
      mallory.map('timed').set('first', { value: 'first', at: 2_000 })
      mallory.map('timed').set('then', { value: 'then', at: 1_000 })
      peer.take(mallory.all())
      return judged(latest(peer) === 'first', 'her later word is the earlier one')
    },
    here: async arena => {
      const field = await arena.field()
      const now = Date.now()
      const first = field.mallory.writeAt(now, fact('first'))
      const then = field.mallory.lie({ entries: [{ time: now - HOUR, ops: [new TextEncoder().encode('{}')] }] })
      const inside = field.mallory.lie({
        entries: [now + 1, now].map(time => ({ time, ops: [new TextEncoder().encode('{"k":"x"}')] })),
      })
      return field.withstands(() => field.push(first.segment, then, inside), { own: 1 })
    },
  },
  {
    n: 61,
    name: 'a verdict dated back before all others',
    plain: () => {
      const peer = said(Date.now(), 1)
      const order = ([...peer.map('timed').values()] as Timed[]).sort((a, b) => a.at - b.at).map(({ value }) => value)
      return judged(order[0] === 'mallory', 'she is always the first')
    },
    here: async arena => {
      const field = await arena.field()
      // an offer and a conclusion from 1970 must not come before the question's, or in place of what stands
      const backdated = field.mallory.writeAt(
        1,
        { k: 'synthesis', for: field.question, content: 'it is red', claims: [] },
        { k: 'broadcast', query: 'what colour is the grass?' },
      )
      return field.withstands(() => field.push(backdated.segment), { own: 2 })
    },
  },
  {
    n: 62,
    name: 'the same time as another, to come before it',
    plain: () => {
      const now = Date.now()
      const [one, other] = [said(now, now), said(now, now)]
      return judged(latest(one) !== latest(other), 'ties fall to the order of the map, alike everywhere')
    },
    here: async arena => {
      const field = await arena.field()
      const now = Date.now()
      const heads: [string, number][] = [[field.carol.log, 0]]
      const segments = Array.from({ length: 4 }, (_, epoch) =>
        field.author(field.mallory.identity, epoch).writeAt(now, fact(`${epoch}`), { k: 'settle', heads }),
      )
      // delivered in opposite orders: both sides must show them in the same one
      return field.withstands(
        () => {
          field.wires[0].push(field.space, ...segments.map(({ segment }) => segment))
          field.wires[1].push(field.space, ...segments.map(({ segment }) => segment).reverse())
        },
        { own: 8 },
      )
    },
  },
]
