/** Whose word counts: Sybils, duplicates, verdicts on oneself, conclusions of bystanders. */
import type { Op } from '@amp-mesh/protocol'
import { keyOf } from '../arena.ts'
import type { Attack } from '../attack.ts'
import { fact } from '../field.ts'
import { judged, type Outcome } from '../outcome.ts'
import { PlainPeer, reader } from '../plain-peer.ts'

/** Readers count entries of a shared map by the author each names. */
function votes(from: readonly { client: number; by: string; votes: number }[]): Outcome {
  const peer = reader()
  for (const { client, by, votes: count } of from) {
    const voter = new PlainPeer(client)
    for (let i = 0; i < count; i++) voter.map('votes').set(`${by} ${i}`, { by, of: 'f1', v: 1 })
    peer.take(voter.all())
  }
  return judged(peer.map('votes').size > 1, `${peer.map('votes').size} votes of one person stand`)
}

export const opinions: readonly Attack[] = [
  {
    n: 35,
    name: 'fifty Sybils verify',
    plain: () => votes(Array.from({ length: 50 }, (_, i) => ({ client: 100 + i, by: `sybil ${i}`, votes: 1 }))),
    here: async arena => {
      const field = await arena.field()
      const sybils = Array.from({ length: 50 }, (_, i) => field.author(keyOf(`sybil ${i}`)))
      const segments = sybils.map(sybil => sybil.write({ k: 'verify', of: field.blue, v: 1 }).segment)
      return field.withstands(() => field.push(...segments))
    },
  },
  {
    n: 36,
    needsGuard: true,
    name: 'one verifier verifies many times, in several epochs',
    plain: () => votes([{ client: 66, by: 'mallory', votes: 6 }]),
    here: async arena => {
      const field = await arena.field()
      const verify: Op = { k: 'verify', of: field.blue, v: 1 }
      const segments = [0, 1, 2].map(epoch => field.author(field.mallory.identity, epoch).write(verify, verify).segment)
      return field.withstands(() => field.push(...segments), { own: 6, statuses: { [field.blue]: 'contested' } })
    },
  },
  {
    n: 37,
    needsGuard: true,
    name: 'verifying oneself',
    plain: () => {
      const [peer, author] = [reader(), new PlainPeer(66)]
      author.map().set('mine', 'red')
      author.map('votes').set('honest carol', { by: 'carol', of: 'mine', v: 1 })
      peer.take(author.all())
      const [vote] = [...peer.map('votes').values()] as { by: string }[]
      return judged(vote?.by === 'carol', "her own vote says it is carol's")
    },
    here: async arena => {
      const field = await arena.field()
      const said = field.mallory.write(fact('red'))
      const verify: Op = { k: 'verify', of: said.ids[0] ?? '', v: 1 }
      const segments = [1, 2, 3].map(epoch => field.author(field.mallory.identity, epoch).write(verify).segment)
      return field.withstands(() => field.push(said.segment, ...segments), {
        own: 4,
        also: pictures => {
          const wrong = pictures.find(({ records }) => records[said.ids[0] ?? '']?.status !== 'proposed')
          return wrong === undefined ? undefined : `her record is ${wrong.records[said.ids[0] ?? '']?.status}`
        },
      })
    },
  },
  {
    n: 67,
    name: 'a synthesis by a bystander',
    plain: () => {
      const [peer, stranger] = [reader(), new PlainPeer(66)]
      stranger.map('answer').set('text', 'it is red')
      peer.take(stranger.all())
      return judged(peer.map('answer').get('text') === 'it is red', 'the answer is whoever wrote it last')
    },
    here: async arena => {
      const field = await arena.field()
      const claims = [{ text: 'it is blue', references: [field.blue] }]
      const op: Op = { k: 'synthesis', for: field.question, content: 'it is red', claims }
      return field.withstands(() => field.push(field.mallory.write(op).segment), { own: 1 })
    },
  },
  {
    n: 68,
    name: 'having seen the future: a settle on records not written yet',
    plain: () => {
      const [peer, mallory] = [reader(), new PlainPeer(66)]
      mallory.map('seen').set('alice', 1_000_000)
      peer.take(mallory.all())
      return judged(peer.map('seen').get('alice') === 1_000_000, 'taken as said')
    },
    here: async arena => {
      const field = await arena.field()
      const offer: Op = { k: 'capability_match', for: field.question, confidence: 1, offer: 'I see red' }
      field.push(field.mallory.write(offer).segment)
      // carol's synthesis stands; mallory's, settled on in advance, must not push it aside
      const answers = [field.blue].map(
        (id): Op => ({
          k: 'synthesis',
          for: field.question,
          content: 'blue',
          claims: [{ text: 'b', references: [id] }],
        }),
      )
      const answered = field.carol.write({ ...offer, offer: 'I see blue' }, ...answers)
      await field.bring(answered.segment)
      await field.arrived(...answered.ids)
      await field.settled()
      const heads: [string, number][] = [
        [field.carol.log, Number.MAX_SAFE_INTEGER],
        [field.mallory.log, Number.MAX_SAFE_INTEGER],
      ]
      const settles = Array.from({ length: 5 }, (_, i): Op => ({ k: 'settle', heads, agent: `m${i}` }))
      return field.withstands(() => field.push(field.mallory.write(...settles).segment), { own: 5 })
    },
  },
]
