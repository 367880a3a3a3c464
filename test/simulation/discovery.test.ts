/** The index in the DHT under faults, small: what `npm run sim:discovery` does at scale. */
import { cosine } from '@amp-mesh/discovery'
import { DISCOVERY_LIMITS } from '@amp-mesh/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { dataIsHere, descriptions } from './discovery/corpus.ts'
import { curves } from './discovery/curves.ts'
import { agentOf } from './discovery/population.ts'
import { FAULTS, lookupsFor, trial } from './discovery/trial.ts'

const small = { agents: 1_000, peers: 200, requests: 30, seed: 1, ...FAULTS }
/** A quarter of the peers goes before anybody asks. */
const stormy = { agents: 200, peers: 60, requests: 20, seed: 1, ...FAULTS, churnPerHour: 3 }

describe('the index in the DHT', () => {
  const { copies, checkedKeys } = DISCOVERY_LIMITS
  afterEach(() => void Object.assign(DISCOVERY_LIMITS, { copies, checkedKeys }))

  it.runIf(dataIsHere)('[P4.find] finds what there is, though peers are silent, lie and go', async () => {
    const { recall, shipped, publication, peersGone } = await trial(small)
    expect(recall[7]).toBeGreaterThan(0.83)
    expect(recall[15]).toBeGreaterThanOrEqual(recall[7] ?? 1)
    expect(shipped.recall).toBeGreaterThan(0.8)
    expect(shipped.lookups).toBeLessThanOrEqual(DISCOVERY_LIMITS.keysWhileFew)
    expect(shipped.messages).toBeLessThan(60)
    expect(peersGone).toBeGreaterThan(0)
    expect(publication.messages).toBeGreaterThan(2 * 3)
  })

  it.runIf(dataIsHere)('tells the same story twice, and draws it', async () => {
    const tiny = { ...stormy, agents: 40, peers: 20, requests: 4 }
    const [once, again] = [await trial(tiny), await trial(tiny)]
    expect(again).toEqual(once)
    expect([...curves([again]).subarray(1, 4)]).toEqual([...Buffer.from('PNG')])
  })

  it.runIf(dataIsHere)('would miss much with one copy only: the simulation can fail', async () => {
    const whole = await trial(stormy)
    Object.assign(DISCOVERY_LIMITS, { copies: 1 })
    const mutant = await trial(stormy)
    expect(whole.recall[7]).toBeGreaterThan(0.5)
    expect(mutant.recall[7]).toBeLessThan((whole.recall[7] ?? 0) - 0.05)
  })

  it.runIf(dataIsHere)('reads a recombined description from its parts nearly as from the whole', () => {
    const recombined = [...descriptions(14_900, 1)].filter(({ sentences }) => sentences !== undefined).slice(-60)
    expect(recombined).toHaveLength(60)
    for (const { name, description, sentences } of recombined) {
      const [parts, whole] = [
        { name, description, ...(sentences && { sentences }) },
        { name, description },
      ].map(described => agentOf(described, () => {}).features)
      expect(cosine(parts?.vector ?? [], whole?.vector ?? [])).toBeGreaterThan(0.97)
      const shared = whole?.keys.filter(key => parts?.keys.includes(key)) ?? []
      expect(shared.length).toBeGreaterThanOrEqual((whole?.keys.length ?? 0) - 1)
    }
  })

  it('tells how many lookups reach a goal', () => {
    expect(lookupsFor([0.5, 0.8, 1], 0.9)).toBeCloseTo(2.5)
    expect(lookupsFor([0.95], 0.9)).toBe(1)
    expect(lookupsFor([0.5, 0.6], 0.9)).toBeUndefined()
  })
})
