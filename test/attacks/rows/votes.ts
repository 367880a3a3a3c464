/** What a quorum decides: certificates without a quorum behind them, votes used twice, and going back on both. */
import {
  fromBase64url,
  type Identity,
  type Op,
  type RecordId,
  type SpaceId,
  toBase64url,
  type Vote,
  voteHash,
} from '@amp-mesh/protocol'
import { until } from '../../until.ts'
import { keyOf } from '../arena.ts'
import type { Attack } from '../attack.ts'
import { type Field, fact } from '../field.ts'
import { judged, type Outcome } from '../outcome.ts'
import { MALLORY, PlainPeer, reader } from '../plain-peer.ts'

const signed = (space: SpaceId, voter: Identity, vote: Vote): string =>
  toBase64url(voter.sign(voteHash(space, vote)) as Uint8Array)

const certificate = ({ slot, ver, of }: Vote, sigs: [string, string][]): Op<'cert'> => ({
  k: 'cert',
  of,
  slot,
  ver,
  e: 0,
  sigs,
})

/** A certificate in a document is whatever somebody writes there. */
function believed(): Outcome {
  const [peer, mallory] = [reader(), new PlainPeer(MALLORY)]
  mallory.map('final').set('f9', { of: 'f9', by: ['alice', 'anna', 'bert'] })
  peer.take(mallory.all())
  return judged(peer.map('final').has('f9'), 'taken as said: alice, anna and bert have decided it')
}

/** Mallory's certificates for a record of her own, published in several logs. */
function certified(n: number, name: string, sigsFor: (field: Field, vote: Vote) => [string, string][]): Attack {
  return {
    n,
    name,
    plain: believed,
    here: async arena => {
      const field = await arena.field()
      const red = field.mallory.write(fact('red'))
      const vote = { slot: red.ids[0] ?? '', ver: 0, of: red.ids[0] ?? '' }
      const cert = certificate(vote, sigsFor(field, vote))
      const published = [1, 2].map(epoch => field.author(field.mallory.identity, epoch).write(cert).segment)
      return field.withstands(() => field.push(red.segment, ...published), {
        own: 3,
        also: pictures => {
          const wrong = pictures.map(({ records }) => records[vote.of]?.status).find(status => status !== 'proposed')
          return wrong === undefined ? undefined : `her record is ${wrong}`
        },
      })
    },
  }
}

export const votes: readonly Attack[] = [
  certified(84, 'a certificate with one signer many times', (field, vote) => {
    const vs = signed(field.space, field.mallory.identity, vote)
    return Array.from({ length: 5 }, () => [field.mallory.identity.publicKey, vs])
  }),
  certified(85, 'a certificate of signers who are no verifiers', (field, vote) =>
    ['x', 'y', 'z', 'u', 'v'].map(keyOf).map(sybil => [sybil.publicKey, signed(field.space, sybil, vote)]),
  ),
  certified(86, 'a certificate of votes for another record, another version, another space', (field, vote) => {
    const { carol } = field.arena
    const misused: Vote[] = [
      { ...vote, of: field.blue },
      { ...vote, ver: 1 },
      { ...vote, slot: field.blue },
    ]
    const elsewhere = toBase64url(fromBase64url(field.space).map(byte => byte ^ 1))
    return [
      ...misused.map((each): [string, string] => [carol.identity.publicKey, signed(field.space, carol.identity, each)]),
      [carol.identity.publicKey, signed(elsewhere, carol.identity, vote)],
      [field.arena.anna.publicKey, signed(field.space, field.mallory.identity, vote)],
      [field.arena.bert.publicKey, signed(field.space, field.mallory.identity, vote)],
      [field.mallory.identity.publicKey, signed(field.space, field.mallory.identity, vote)],
    ]
  }),
  {
    n: 87,
    isLong: true,
    name: 'going back on what is final: votes taken back, cast twice, forked',
    plain: () => {
      const [peer, alice, mallory] = [reader(), new PlainPeer(2), new PlainPeer(MALLORY)]
      alice.map('final').set('sky', 'blue')
      peer.take(alice.all())
      mallory.syncFrom(peer)
      mallory.map('final').set('sky', 'red')
      peer.syncFrom(mallory)
      return judged(peer.map('final').get('sky') === 'red', 'what was final is something else')
    },
    here: async arena => {
      const field = await arena.field()
      await decided(field, field.blue)
      const red = field.mallory.write({ ...fact('red'), slot: field.blue })
      const [forRed, againstBlue] = [0, 1].map(ver => ({ slot: field.blue, ver, of: red.ids[0] ?? '' }))
      const twice = [forRed, againstBlue].flatMap(vote =>
        vote === undefined
          ? []
          : [{ k: 'verify', v: 1, e: 0, vs: signed(field.space, field.mallory.identity, vote), ...vote } as const],
      )
      const back: Op[] = [
        { k: 'verify', of: field.blue, v: -1 },
        { k: 'verify', of: field.blue, v: 0 },
        { k: 'conflict', a: [field.blue, red.ids[0] ?? ''] },
      ]
      const log = field.author(field.mallory.identity, 1)
      const fork = log.twin().write(fact('another history')).segment
      const said = log.write(...twice, ...back)
      return field.withstands(() => field.push(red.segment, said.segment, fork), { own: 1, passing: 5 })
    },
  },
  {
    n: 88,
    isLong: true,
    name: 'squatting a slot: a hundred candidates before the honest one',
    plain: () => {
      const [peer, mallory] = [reader(), new PlainPeer(MALLORY)]
      for (let i = 0; i < 100; i++) mallory.map('slot').set(`${i}`, `red ${i}`)
      peer.take(mallory.all())
      return judged(peer.map('slot').size === 100, '100 candidates, each as good as another')
    },
    here: async arena => {
      const field = await arena.field()
      const slot = 'the colour of the sky'
      const candidates = Array.from({ length: 100 }, (_, i) => ({ ...fact(`red ${i}`), slot }))
      const squat = field.mallory.write(...candidates)
      const fair = field.carol.write({ ...fact('blue'), slot })
      const honest = [...fair.ids]
      return field.withstands(
        async () => {
          field.push(squat.segment)
          await field.settled()
          await field.bring(fair.segment)
          await field.arrived(...fair.ids)
          honest.push(...(await decided(field, fair.ids[0] ?? '', slot)))
        },
        { own: 100, honest },
      )
    },
  },
]

/** Carol, anna and bert vote for a record until both victims show it as final. Carol's vote, as a record. */
async function decided(field: Field, of: RecordId, slot = of): Promise<RecordId[]> {
  const { anna, bert, carol } = field.arena
  const vs = signed(field.space, carol.identity, { slot, ver: 0, of })
  const vote = field.carol.write({ k: 'verify', of, v: 1, slot, ver: 0, e: 0, vs })
  await field.bring(vote.segment)
  for (const victim of [anna, bert]) await victim.append(field.space, { k: 'verify', of, v: 1 })
  await until(
    'three of four make it final',
    async () => (await field.pictures()).every(({ records }) => records[of]?.status === 'final'),
    15_000,
  )
  return vote.ids
}
