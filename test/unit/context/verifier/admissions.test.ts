/** When a verifier admits whom. */
import { Ledger } from '@amp-mesh/context'
import { describe, expect, it } from 'vitest'
import { Admissions } from '../../../../packages/context/src/verifier/admissions.ts'
import {
  EPOCH_MS,
  genesisBytes,
  identity,
  ledger,
  SimulatedClock,
  verifyOnce,
  write,
} from '../../../simulation/space.ts'

/** The ledger of the n-th verifier in whose waiting room so many strangers wait. */
function crowded(n: number, strangers: number, mayAdmit: (pub: string) => boolean = () => true) {
  const genesis = genesisBytes()
  const clock = new SimulatedClock()
  const self = identity(n).publicKey
  const held = new Ledger({ genesis, verify: verifyOnce, now: () => clock.now(), self })
  for (let i = 0; i < strangers; i++) {
    const stranger = identity(200 + i)
    const own = ledger(genesis, stranger, () => EPOCH_MS)
    held.ingest(write(own, stranger, [{ k: 'need', content: 'let me in' }]))
  }
  const woken: number[] = []
  const admissions = new Admissions({
    ledger: held,
    self,
    clock,
    mayAdmit,
    wake: () => woken.push(clock.now() - EPOCH_MS),
  })
  return { clock, held, admissions, woken }
}

describe('admissions', () => {
  it('are given at once by the first verifier, not more than eight a second', async () => {
    const { clock, admissions } = crowded(0, 20)
    const counts: number[] = []
    for (let second = 0; second < 3; second++) {
      counts.push(admissions.due().length, admissions.due().length)
      await clock.advance(1_001)
    }
    expect(counts).toEqual([8, 0, 8, 0, 8, 0])
  })

  it('are left to the verifiers before for a while', async () => {
    const { clock, admissions, woken } = crowded(2, 1)
    expect(admissions.due()).toEqual([])
    await clock.advance(500)
    expect(woken).toEqual([300])
    expect(admissions.due()).toEqual([{ k: 'admit', pub: identity(200).publicKey }])
  })

  it('are given only to whom the peer vouches for, and never by those who are no verifiers', () => {
    const wanted = identity(203).publicKey
    expect(crowded(0, 6, pub => pub === wanted).admissions.due()).toEqual([{ k: 'admit', pub: wanted }])
    expect(crowded(9, 3).admissions.due()).toEqual([])
  })

  it('end with the sixty-fourth', () => {
    const { held, admissions } = crowded(0, 3)
    const spent = Array.from({ length: 63 }, (_, n) => ({ k: 'admit' as const, pub: identity(1_000 + n).publicKey }))
    write(held, identity(0), spent)
    expect(admissions.due()).toHaveLength(1)
  })
})
