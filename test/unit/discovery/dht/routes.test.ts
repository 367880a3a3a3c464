/** Ways to the closest peers: what one walk learnt is right for the other keys it serves. */
import { DISCOVERY_LIMITS } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { closestOf, placeOfKey, wordKey } from '../../../../packages/discovery/src/index.ts'
import { chance } from '../../../simulation/discovery/chance.ts'
import { placeOf, SimulatedMesh, type SimulatedPeer } from '../../../simulation/discovery/simulated-mesh.ts'
import { VirtualClock } from '../../../simulation/discovery/virtual-clock.ts'
import { MESH } from '../mesh.ts'

const KEYS = 250

describe('routes', () => {
  it('name the closest peers that answer, whether walked to or known from an earlier walk', async () => {
    const clock = new VirtualClock()
    const mesh = new SimulatedMesh({ seed: 1, clock, mesh: MESH, read: () => undefined })
    const random = chance(1)
    const peers = Array.from({ length: 200 }, (_, n) => mesh.add(`p${n}`, random() < 0.2 ? 'silent' : 'honest'))
    const answering = peers.filter(({ behaviour }) => behaviour === 'honest')
    const places = answering.map(({ id }) => [id, placeOf(id)] as const)
    const asker = answering[0] as SimulatedPeer
    let walks = 0
    for (let n = 0; n < KEYS; n++) {
      const key = wordKey(MESH, `word${n}`)
      const route = await clock.until(asker.routes.to(key, new AbortController().signal))
      const named = route.peers.slice(0, DISCOVERY_LIMITS.holdersPerKey)
      expect(named).toEqual(expect.arrayContaining(closestOf(placeOfKey(key), places, DISCOVERY_LIMITS.copies)))
      if (route.steps > 0) walks += 1
    }
    expect(walks).toBeLessThan(KEYS / 5)
  })
})
