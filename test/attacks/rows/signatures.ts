/** Signatures: on which crypto libraries disagree, and on bytes with a few bits flipped. */
import { chainOf, encodeSegment, Ledger } from '@amp-mesh/context'
import { opensslVerify } from '@amp-mesh/peer/node'
import { encodeGenesis, fromBase64url, type Identity, toBase64url, verifyPortable } from '@amp-mesh/protocol'
import { SeededRandom } from '../../simulation/space.ts'
import { torsionVectors } from '../../unit/context/torsion-vectors.ts'
import type { Attack } from '../attack.ts'
import { type Field, fact } from '../field.ts'
import { breach, judged } from '../outcome.ts'
import { alice, MALLORY, PlainPeer } from '../plain-peer.ts'

const FLIPS = 20_000
/** Of them those that go over the wire, two in a message; the rest goes to a ledger in this process. */
const ON_THE_WIRE = 1_000

export const signatures: readonly Attack[] = [
  {
    n: 52,
    needsGuard: true,
    name: 'signatures on which libraries disagree',
    plain: () => {
      const [peer, mallory] = [new PlainPeer(), new PlainPeer(MALLORY)]
      for (const { name, signature, publicKey } of torsionVectors())
        mallory.map().set(name, { by: toBase64url(publicKey), signature: toBase64url(signature) })
      peer.take(mallory.all())
      return judged(
        peer.map().size === torsionVectors().length,
        `nobody looks at signatures: all ${peer.map().size} taken`,
      )
    },
    here: async arena => {
      const keys = torsionVectors().map(({ publicKey }) => publicKey)
      const verifiers = [...new Set(keys.map(toBase64url))].map(publicKey => ({ ...arena.carol.identity, publicKey }))
      const field = await arena.field({ verifiers: verifiers as Identity[] })
      const segments = keys.map((pub, i) => crooked(field, pub, i))
      const split = segments.some(({ sound, verdicts }) => verdicts.some(verdict => verdict !== sound))
      if (split) return breach('the portable check and OpenSSL disagree')
      const own = segments.filter(({ sound }) => sound).length
      return field.withstands(() => field.push(...segments.map(({ bytes }) => bytes)), { own })
    },
  },
  {
    n: 53,
    isLong: true,
    name: `${FLIPS} bit-flipped segments`,
    plain: () => {
      const [random, whole] = [new SeededRandom(53), alice().all()]
      let changed = 0
      for (let i = 0; i < 2_000; i++) {
        const peer = new PlainPeer()
        const failure = peer.take(flipped(random, whole))
        if (failure === undefined && !Buffer.from(peer.all()).equals(whole)) changed++
      }
      return judged(changed > 0, `${changed} of 2000 taken with other content`)
    },
    here: async arena => {
      const field = await arena.field({ open: false })
      const random = new SeededRandom(53)
      const sound = [fact('1'), fact('2')].map(op => field.mallory.write(op).segment)
      const next = () => flipped(random, random.pick(sound))
      const taken = takenByLedger(field, sound, Array.from({ length: FLIPS - 2 * ON_THE_WIRE }, next))
      if (taken > 0) return breach(`${taken} flipped segments were taken`)
      field.push(...sound)
      await field.settled()
      return field.withstands(() => {
        for (const wire of field.wires)
          for (let i = 0; i < ON_THE_WIRE / 2; i++)
            wire.post('sync', { type: 'proof', space: field.space, a: next(), b: next() })
      })
    },
  },
]

/** A fact with the n-th of the signatures, and what each backend says of it. */
function crooked(field: Field, pub: Uint8Array, n: number) {
  const entries = [{ time: Date.now(), ops: [new TextEncoder().encode('{"k":"fact","o":1,"p":"b","s":"a"}')] }]
  const unsigned = { pub, epoch: n, from: 0, prev: new Uint8Array(32), entries }
  const hash = chainOf(fromBase64url(field.space), unsigned)[0] as Uint8Array
  const { signature, sound } = torsionVectors(hash)[n] as ReturnType<typeof torsionVectors>[number]
  const verdicts = [verifyPortable, opensslVerify()].map(verify => verify(signature, hash, pub))
  return { bytes: encodeSegment({ ...unsigned, signature }), sound, verdicts }
}

/** How many flipped segments change a ledger that holds the sound ones. */
function takenByLedger(field: Field, sound: readonly Uint8Array[], segments: readonly Uint8Array[]): number {
  const ledger = new Ledger({ genesis: encodeGenesis(field.genesis), verify: opensslVerify(), now: () => Date.now() })
  for (const segment of sound) ledger.ingest(segment)
  const before = JSON.stringify(ledger.heads())
  return segments.filter(segment => {
    ledger.ingest(segment)
    return JSON.stringify(ledger.heads()) !== before
  }).length
}

/** One to four bytes are others than before; never none. */
function flipped(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice()
  for (let i = 0; i <= random.below(4); i++) {
    const at = random.below(changed.length)
    changed[at] = (changed[at] as number) ^ (1 + random.below(255))
  }
  return Buffer.from(changed).equals(bytes) ? flipped(random, bytes) : changed
}
