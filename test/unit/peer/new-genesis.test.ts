/** The genesis of a new space. */

import { encodeGenesis, spaceIdOf } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import { newGenesis } from '../../../packages/peer/src/new-genesis.ts'

const founder = 'A'.repeat(43)
const init = { mesh: founder, name: 'Where is tea?', founder, verifiers: [{ pub: founder, operator: '', model: '' }] }

it('makes no space whose id a command line would take for an option', () => {
  let draws = 0
  const random = { bytes: () => new Uint8Array(16).fill(draws++), float: () => 0 }
  const ids = Array.from({ length: 200 }, () => spaceIdOf(encodeGenesis(newGenesis({ ...init, random }))))
  expect(ids.filter(id => id.startsWith('-'))).toEqual([])
  expect(draws).toBeGreaterThan(200) // some were drawn again
})
