/**
 * Seed 004's first test: three agents collaborate on a task, nobody orchestrates, they talk directly, share one
 * context.
 */
import { status } from '@amp-mesh/context'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { flights, guide, hotels, TRIP } from './specialists.ts'
import { askAll, ended, said, spaceOf, synthesisOf, Village } from './village.ts'

describe('three agents and a peer that asks', () => {
  let village: Village
  beforeAll(async () => {
    village = await Village.found()
  })
  afterAll(() => village.close())

  it('offer, propose, build on each other, verify, and conclude alike everywhere', async () => {
    const asker = await village.peer('asker')
    const peers = [
      await village.peer('flights', [flights]),
      await village.peer('hotels', [hotels]),
      await village.peer('guide', [guide]),
    ]
    await village.gathered()

    const happenings = await askAll(asker, TRIP)

    const done = ended(happenings)
    expect(done).toMatchObject({ outcome: 'concluded', peers: 3 })
    const offers = said(asker, done.space, 'capability_match')
    expect(new Set(offers.map(({ op }) => op.agent))).toEqual(new Set(['flights', 'hotels', 'guide']))
    expect(said(asker, done.space, 'proposal')).toHaveLength(2)

    const records = asker.space(done.space)?.replica.records
    const builds = said(asker, done.space, 'build_on')
    expect(builds.length).toBeGreaterThanOrEqual(3)
    for (const { op, by } of builds) expect(records?.get(op.parent)?.by).not.toBe(by)

    for (const fact of said(asker, done.space, 'fact')) {
      const verdicts = said(asker, done.space, 'verify').filter(({ op }) => op.of === fact.id)
      expect(verdicts.length).toBeGreaterThanOrEqual(2)
      expect(verdicts.every(({ by, op }) => by !== fact.by && op.v === 1)).toBe(true)
    }

    // the synthesis was written by an agent, not by the peer that asked, and all see the same one
    expect(done.synthesis?.by).not.toBe(asker.identity.publicKey)
    const claims = done.synthesis?.op.claims ?? []
    expect(claims.length).toBeGreaterThan(0)
    for (const peer of peers)
      await until('the same synthesis everywhere', () => synthesisOf(peer, done.space)?.id === done.synthesis?.id)

    // four verifiers, the asker among them: the three that took part are the quorum that makes the answer final
    for (const peer of [asker, ...peers])
      await until('a final answer everywhere', () => {
        const { replica, genesis } = spaceOf(peer, done.space)
        return status(replica.records, genesis, done.synthesis?.id ?? '') === 'final'
      })
  })
})
