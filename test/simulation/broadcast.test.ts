/** A question to a crowd, in virtual time: who hears it, who offers, and what that costs. Real peers and agents. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Crowd } from '../../bench/broadcast/crowd.ts'

const FLIGHTS = ['books flights to any city', 'finds cheap flights', 'compares flights and trains to a city']
const OTHERS = [
  'waters plants',
  'tunes pianos',
  'repairs bicycles',
  'teaches chess openings',
  'paints fences',
  'sharpens knives',
  'restores old photographs',
  'writes wedding speeches',
  'walks dogs',
]
const SEED = 7

describe('a question to twelve agents', () => {
  let crowd: Crowd
  beforeAll(async () => {
    const descriptions = [...FLIGHTS, ...OTHERS].map((description, i) => ({ name: `agent ${i}`, description }))
    crowd = await Crowd.gather({ descriptions, questions: [] }, SEED)
  })
  afterAll(() => crowd.close())

  it('[P4.waves] goes to those who fit alone, and brings the offers of a flood for far less', async () => {
    const some = await crowd.ask('Who books flights to the city of Rome?', 'best')
    const all = await crowd.ask('Who books flights to the city of Rome?', 'all')
    expect(all.offers).toHaveLength(FLIGHTS.length)
    expect([...some.offers].sort()).toEqual([...all.offers].sort())
    expect(some.asking.messages).toBeLessThanOrEqual(FLIGHTS.length + 2)
    expect(all.asking.messages).toBeGreaterThan(4 * some.asking.messages)
    expect(some.joined).toBeLessThanOrEqual(all.joined)
  })

  it('[P4.prompt] brings the first offer as soon as the way there and back, and a doubt, allow', async () => {
    const { firstOfferMs } = await crowd.ask('Who finds cheap flights to Rome?', 'best')
    expect(firstOfferMs).toBeLessThan(300)
  })

  it('[P4.waves] goes to everybody when nobody fits', async () => {
    const { offers, asking } = await crowd.ask('Quis custodiet ipsos custodes?', 'best')
    expect(offers).toEqual([])
    expect(asking.messages).toBeGreaterThanOrEqual(FLIGHTS.length + OTHERS.length)
  })
})
