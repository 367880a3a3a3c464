/** A share of `npm run fuzz` with one seed: some thirty seconds. */
import { expect, it } from 'vitest'
import { fuzzDecoders } from './decoders.ts'
import { siege } from './siege.ts'
import { decodersFaults, siegeFaults } from './verdict.ts'

const SEED = 7

it('[G4.fuzz] hostile frames, bodies and JSON become messages or DecodeErrors, on nearly all branches', async () => {
  const outcome = await fuzzDecoders(SEED, 50_000)
  expect(decodersFaults(outcome)).toEqual([])
  expect(outcome.outcomes.taken).toBeGreaterThan(1_000)
})

it('[G4.fuzz] finds that the depth of a body is not looked at', async () => {
  const { crash } = await fuzzDecoders(SEED, 4_000, true)
  expect(crash).toMatch(/Maximum call stack/)
})

it('[G4.fuzz] a peer outlives raw sockets and rude streams over all its protocols', async () => {
  const meant = { sockets: 300, conversations: 150, streams: 700 }
  const outcome = await siege({ seed: SEED, ...meant })
  expect(outcome.protocols.length).toBeGreaterThan(10)
  // how fast it is, is for `npm run fuzz`, on a machine that does nothing else: here what is shut late is not left open
  const unhurried = { ...outcome, healthyDialMs: 0, longestOpenMs: outcome.longestOpenMs / 3 }
  expect(siegeFaults(unhurried, meant)).toEqual([])
})
