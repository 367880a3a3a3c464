/** One author, two histories: forks, epochs, proofs of forks and lies about them. */
import { decodeSegment, encodeSegment } from '@amp-mesh/context'
import { toBase64url } from '@amp-mesh/protocol'
import { keyOf } from '../arena.ts'
import type { Attack } from '../attack.ts'
import { type Field, fact } from '../field.ts'
import { breach, judged, type Outcome, stopped } from '../outcome.ts'
import { ALICE, MALLORY, PlainPeer, reader, stepOne } from '../plain-peer.ts'
import { contentAny, deletes, items } from '../yjs-update.ts'

const says = (o: string) => items(MALLORY, 0, { root: 'facts', key: 'x', content: contentAny(o) })

/** Two readers that got both of mallory's words, each another one first. */
function equivocated(): { yes: PlainPeer; no: PlainPeer } {
  const [yes, no] = [reader(), reader()]
  yes.take(says('yes'), says('no'))
  no.take(says('no'), says('yes'))
  yes.syncFrom(no)
  no.syncFrom(yes)
  return { yes, no }
}

export const forks: readonly Attack[] = [
  {
    n: 6,
    needsGuard: true,
    name: 'a fork: yes to one, no to the other',
    plain: () => {
      const { yes, no } = equivocated()
      return judged(yes.map().get('x') !== no.map().get('x'), 'readers differ for ever, with equal state vectors')
    },
    here: async arena => {
      const field = await arena.field()
      const twin = field.mallory.twin()
      return field.withstands(
        () => {
          field.wires[0].push(field.space, field.mallory.write(fact('yes')).segment)
          field.wires[1].push(field.space, twin.write(fact('no')).segment)
        },
        { passing: 1 },
      )
    },
  },
  {
    n: 7,
    name: 'honest records beside those of a forker',
    plain: () => {
      const [forked, honest, later] = [new PlainPeer(), new PlainPeer(ALICE), new PlainPeer(9)]
      forked.take(items(MALLORY, 0, { root: 'log', content: contentAny('m') }))
      honest.syncFrom(forked)
      const before = honest.state()
      honest.list().push(["alice's, after mallory's"])
      // whoever leaves out mallory's items can't place alice's
      later.take(honest.since(before))
      return judged(later.list().length === 0, "alice's word waits for ever for that of whom we exclude")
    },
    here: async arena => {
      const field = await arena.field()
      const twin = field.mallory.twin()
      const word = field.mallory.write(fact('yes'))
      field.push(word.segment)
      const cites = field.carol.write({ k: 'msg', in: word.ids[0] ?? '', text: 'carol answers' })
      await field.settled()
      await field.bring(cites.segment)
      await field.arrived(...cites.ids)
      return field.withstands(() => field.push(twin.write(fact('no')).segment), { gone: word.ids })
    },
  },
  {
    n: 31,
    needsGuard: true,
    name: 'an epoch begun twice',
    plain: () => {
      // a client that lost its disk begins at clock 0 again
      const [before, after] = [new PlainPeer(MALLORY), new PlainPeer(MALLORY)]
      const [one, other] = [reader(), reader()]
      before.map().set('x', 'before')
      after.map().set('x', 'after')
      one.take(before.all(), after.all())
      other.take(after.all(), before.all())
      return judged(one.map().get('x') !== other.map().get('x'), 'readers differ for ever')
    },
    here: async arena => {
      const field = await arena.field()
      const [once, again] = [0, 1].map(() => field.author(field.mallory.identity, 5))
      const segments = [once, again].map((log, i) => log?.write(fact(`${i}`)).segment ?? new Uint8Array())
      return field.withstands(() => field.push(...segments))
    },
  },
  {
    n: 32,
    needsGuard: true,
    name: 'epochs without end',
    plain: () => {
      const peer = reader()
      for (let client = 0; client < 1_500; client++)
        peer.take(items(10_000 + client, 0, { root: 'facts', key: 'k', content: contentAny(0) }))
      return judged(peer.doc.store.clients.size > 1_500, `${peer.doc.store.clients.size} clients in every state vector`)
    },
    here: async arena => {
      const field = await arena.field()
      const logs = Array.from({ length: 40 }, (_, epoch) => field.author(field.mallory.identity, epoch))
      return field.withstands(() => field.push(...logs.map(log => log.write(fact('again')).segment)), { own: 16 })
    },
  },
  {
    n: 47,
    name: 'a false proof of a fork',
    plain: () => {
      // who tells of a fork of alice is believed by whoever heard the false word first
      const [early, late] = [new PlainPeer(), reader()]
      const inHerName = items(ALICE, 0, { root: 'facts', key: 'f1', content: contentAny('forged') })
      early.take(inHerName)
      early.syncFrom(late)
      late.take(inHerName)
      return judged(early.map().get('f1') === 'forged', 'nothing is signed: anybody makes alice contradict herself')
    },
    here: async arena => {
      const field = await arena.field()
      const { segment } = field.author(arena.carol.identity).write({ k: 'broadcast', query: 'what colour is the sky?' })
      const forged = field.author(arena.carol.identity).signedBy(field.mallory.identity).write(fact('pink')).segment
      return field.withstands(() => {
        for (const wire of field.wires)
          wire.post(
            'sync',
            { type: 'proof', space: field.space, a: forged, b: forged },
            { type: 'proof', space: field.space, a: unsigned(segment), b: forged },
          )
        field.push(forged)
      })
    },
  },
  {
    n: 58,
    name: 'a proof of a fork in another space',
    plain: () => {
      const [here, elsewhere] = [reader(), equivocated()]
      here.take(elsewhere.no.all())
      const heard = here.map().get('x')
      return judged(heard === 'no', 'a quarrel of another document is one of this document now')
    },
    here: async arena => {
      const [elsewhere, field] = [await arena.field(), await arena.field()]
      const twin = elsewhere.carol.twin()
      const [a, b] = [elsewhere.carol.write(fact('yes')).segment, twin.write(fact('no')).segment]
      return field.withstands(() => {
        for (const wire of field.wires) wire.post('sync', { type: 'proof', space: field.space, a, b })
      })
    },
  },
  {
    n: 59,
    needsGuard: true,
    name: 'two forks to take a third epoch along',
    plain: () => {
      const { yes, no } = equivocated()
      return judged(yes.map().get('x') !== no.map().get('x'), 'a fork of one id is not even seen in another')
    },
    here: async arena => {
      const field = await arena.field()
      const honest = field.author(field.mallory.identity, 3).write(fact('before'))
      field.push(honest.segment)
      await field.settled()
      const later = field.author(field.mallory.identity, 4)
      const twice = [0, 1].flatMap(epoch =>
        ['yes', 'no'].map(o => field.author(field.mallory.identity, epoch).write(fact(o)).segment),
      )
      // after the second fork whatever the key writes later counts for nothing, on both sides, in whatever order
      return field.withstands(
        () => {
          field.wires[0].push(field.space, ...twice, later.write(fact('after')).segment)
          field.wires[1].push(field.space, ...twice.reverse())
        },
        { gone: honest.ids },
      )
    },
  },
  {
    n: 60,
    needsGuard: true,
    name: 'a flood of branches of one log',
    plain: () => {
      const peer = reader()
      const branches = Array.from({ length: 50 }, (_, i) => says(`branch ${i}`))
      peer.take(...branches)
      return judged(peer.map().get('x') === 'branch 0', 'the first is believed, nobody learns of the others')
    },
    here: async arena => {
      const field = await arena.field()
      const branches = Array.from({ length: 50 }, (_, i) => field.mallory.twin().write(fact(`branch ${i}`)).segment)
      const outcome = await field.withstands(() => field.push(...branches))
      return outcome.breach || !outcome.saw.includes('fork') ? breach(outcome.saw) : stopped(outcome.saw)
    },
  },
  {
    n: 48,
    needsGuard: true,
    name: 'acks that lie about a head',
    plain: () => withheld(),
    here: async arena => {
      const field = await arena.field({ verifiers: witnesses })
      const [twin, word] = [field.mallory.twin(), field.mallory.write(fact('relied on'))]
      field.push(word.segment)
      await field.settled()
      // as many as a quorum name the right place, but not what stands there: that must not save her word
      const acks = witnessed(field, [field.mallory.log, 0, 'A'.repeat(22)])
      return field.withstands(() => field.push(...acks, twin.write(fact('erased')).segment), {
        gone: word.ids,
        own: acks.length,
        also: pictures =>
          pictures.some(({ records }) => records[word.ids[0] ?? ''] !== undefined)
            ? 'false acks were counted'
            : undefined,
      })
    },
  },
  {
    n: 49,
    name: 'self-destruction: a fork at the start, to erase what others rest on',
    plain: () => {
      const peer = reader()
      peer.take(deletes(ALICE, 0, 7))
      return judged(!peer.map().has('f1'), 'she deletes all she ever said, and what others put into it')
    },
    here: async arena => {
      const field = await arena.field({ verifiers: witnesses })
      const [twin, word] = [field.mallory.twin(), field.mallory.write(fact('relied on'))]
      const acks = witnessed(field, [field.mallory.log, 0, hash16(field.mallory.hash)])
      field.push(word.segment, ...acks)
      await field.settled()
      return field.withstands(() => field.push(twin.write(fact('erased')).segment))
    },
  },
  {
    n: 78,
    name: 'an ack of another space',
    plain: () => withheld(),
    here: async arena => {
      const [elsewhere, field] = [
        await arena.field({ verifiers: witnesses }),
        await arena.field({ verifiers: witnesses }),
      ]
      const [twin, word] = [field.mallory.twin(), field.mallory.write(fact('relied on'))]
      field.push(word.segment)
      await field.settled()
      const replayed = witnessed(elsewhere, [field.mallory.log, 0, hash16(field.mallory.hash)])
      return field.withstands(() => field.push(...replayed, twin.write(fact('erased')).segment), { gone: word.ids })
    },
  },
  {
    n: 95,
    name: 'an erasure in a history that does not count',
    plain: () => {
      const { yes, no } = equivocated()
      yes.map().delete('x')
      return judged(yes.map().has('x') !== no.map().has('x'), 'what one has forgotten the other still shows')
    },
    here: async arena => {
      const field = await arena.field()
      const word = field.mallory.write(fact('said once'))
      const twin = field.mallory.twin()
      const erased = field.mallory.write({ k: 'retract', of: word.ids[0] ?? '', erase: true })
      return field.withstands(
        async () => {
          field.push(word.segment)
          await field.settled()
          field.wires[0].push(field.space, erased.segment)
          field.wires[1].push(field.space, twin.write(fact('said instead')).segment)
        },
        { own: 1, passing: 1 },
      )
    },
  },
  {
    n: 96,
    name: 'a history with an erasure in it, held beside another by some',
    plain: () => {
      const { yes, no } = equivocated()
      no.map().delete('x')
      return judged(yes.map().has('x') !== no.map().has('x'), 'both count, each where it came first')
    },
    here: async arena => {
      const field = await arena.field({ verifiers: witnesses })
      const twin = field.mallory.twin()
      const secret = field.mallory.write(fact('secret'))
      const erased = field.mallory.write({ k: 'retract', of: secret.ids[0] ?? '', erase: true })
      const acks = witnessed(field, [field.mallory.log, 1, hash16(field.mallory.hash)])
      return field.withstands(
        async () => {
          field.wires[0].push(field.space, secret.segment, erased.segment)
          field.wires[1].push(field.space, twin.write(fact('another')).segment)
          await field.settled()
          field.push(...acks)
        },
        {
          own: 1 + acks.length,
          passing: 1,
          also: pictures =>
            pictures.every(({ records }) => records[erased.ids[0] ?? ''] !== undefined && !records[secret.ids[0] ?? ''])
              ? undefined
              : 'what a quorum held is not what counts',
        },
      )
    },
  },
]

/** Verifiers beside the four; with carol they are a quorum once mallory's own word is broken. */
const witnesses = ['dave', 'erin'].map(keyOf)

/** Acks of a head by carol, dave and erin, in logs of their own. */
const witnessed = (field: Field, head: [string, number, string]): Uint8Array[] =>
  [field.arena.carol.identity, ...witnesses].map(
    witness => field.author(witness, 1).write({ k: 'ack', heads: [head] }).segment,
  )

const hash16 = (hash: Uint8Array) => toBase64url(hash.subarray(0, 16))

/** A relay that claims to hold a million of alice's items is sent none, and so is whoever it serves. */
export function withheld(): Outcome {
  const { answer } = reader().receive(stepOne(new Map([[ALICE, 1_000_000]])))
  const victim = new PlainPeer(9)
  victim.receive(answer)
  return judged(!victim.map().has('f1'), 'who relays a lying state vector withholds all, and nobody notices')
}

/** The same segment with a signature of nobody. */
const unsigned = (segment: Uint8Array) =>
  encodeSegment({ ...decodeSegment(segment), signature: new Uint8Array(64).fill(3) })
