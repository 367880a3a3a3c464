/** Tabs of one person: the first is the peer, the others attach to it, and one of them is the peer when it closes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { hostAgents } from '@amp-mesh/agents'
import { createPeer } from '@amp-mesh/peer/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { guide, hotels, specialist, TRIP } from '../scenarios/specialists.ts'
import { until } from '../until.ts'
import { bundledPage } from './bundle.ts'
import { chromiumPath, launchChromium, withChromium } from './chromium.ts'
import { Tab } from './tab.ts'

/** Said in a question that is not answered while the first tab is there. */
const HURRY = 'Say it in a hurry.'

describe.skipIf(chromiumPath === undefined)(`tabs of one person${withChromium}`, () => {
  it('[P5.origin] are one peer, whichever of them is open', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'amp-further-'))
    const page = await bundledPage(resolve(import.meta.dirname, 'page'))
    const node = await createPeer({ name: 'serving', mesh: 'tabs', dataDir, page })
    const gone = Promise.withResolvers<void>()
    const slow = specialist('slow', 'travel to New York: flights, hotel, marathon weekend', {
      first: async ({ question }) => (question.query.includes(HURRY) ? gone.promise : undefined),
    })
    await hostAgents(node, [guide, hotels, slow])
    const browser = await launchChromium()
    onTestFinished(async () => {
      await browser.close()
      await node.stop()
      await rm(dataDir, { recursive: true, force: true })
    })
    const port = /\/tcp\/(\d+)/.exec(node.addresses()[0] ?? '')?.[1]
    const first = await Tab.open(browser, `http://127.0.0.1:${port}/`)
    const second = await first.further()

    expect(second.peerId).toBe(first.peerId)
    expect(node.peers().filter(({ state }) => state === 'reachable')).toHaveLength(1)
    await until('the second sees who is there', async () => {
      const [seen] = await second.do('peers')
      return seen?.id === node.identity.peerId && seen.agents.length === 3
    })
    const capability = 'knows how to travel to New York: flights, hotel, marathon weekend'
    await first.do('host', { name: 'ann', capability, says: 'Take a train from the airport.' })
    await second.do('host', { name: 'ben', capability, says: 'It is two streets from the train.', on: 'ann' })
    const third = await first.further()
    await third.do('host', { name: 'cem', capability, says: 'Walk.' })
    const cards = () =>
      node
        .peers()
        .flatMap(({ agents }) => agents.flatMap(({ agent, state }) => (state === 'gone' ? [] : [agent])))
        .map(agent => agent.slice(agent.lastIndexOf('/') + 1))
        .sort()
    await until('the agents of all three are announced', () => cards().join() === 'ann,ben,cem')
    await third.page.close()
    await until('those of a tab go with it', () => cards().join() === 'ann,ben')

    const answer = await second.do('ask', TRIP)
    expect(answer.outcome).toBe('concluded')
    const records = async (tab: Tab) => (await tab.do('records', answer.space)).map(({ id }) => id).sort()
    await until('both have the same records', async () => {
      const [one, other] = await Promise.all([records(first), records(second)])
      return one.length > 0 && one.join() === other.join()
    })
    expect((await second.do('synthesis', answer.space))?.id).toBe(answer.synthesis?.id)
    const bens = (await first.do('records', answer.space)).find(({ op }) => op.k === 'build_on' && op.agent === 'ben')
    expect(answer.synthesis?.op.claims.flatMap(({ references }) => references)).toContain(bens?.id)
    expect(await second.do('find', 'a hotel room')).toContain('hotels')

    const unanswered = second.do('ask', `${TRIP} ${HURRY}`).catch(String)
    await until('the question is on its way', async () => (await second.do('spaces')).length === 2)
    const before = { spaces: new Set(await second.do('spaces')), records: await records(second) }
    await first.page.close()
    await until('the second knows that the first is gone', () => second.do('ended'))
    expect(await unanswered).toContain('the tab that was the peer is gone')
    gone.resolve()
    expect(await second.do('start')).toBe(first.peerId)
    expect(new Set(await second.do('spaces'))).toEqual(before.spaces)
    expect(await records(second)).toEqual(expect.arrayContaining(before.records))
    await until('it is the peer now', () => node.peers().some(({ state }) => state === 'reachable'))
    const again = await second.do('ask', `${TRIP} Once more.`)
    expect(again.outcome).toBe('concluded')
    expect([...first.troubles, ...second.troubles]).toEqual([])
  })
})
