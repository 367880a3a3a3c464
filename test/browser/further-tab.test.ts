/** Tabs of one person: the first is the peer, the others attach to it, and one of them is the peer when it closes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { hostAgents } from '@amp-mesh/agents'
import { createPeer } from '@amp-mesh/peer/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { guide, hotels, TRIP } from '../scenarios/specialists.ts'
import { until } from '../until.ts'
import { bundledPage } from './bundle.ts'
import { chromiumPath, launchChromium, withChromium } from './chromium.ts'
import { Tab } from './tab.ts'

describe.skipIf(chromiumPath === undefined)(`tabs of one person${withChromium}`, () => {
  it('are one peer, whichever of them is open', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'amp-further-'))
    const page = await bundledPage(resolve(import.meta.dirname, 'page'))
    const node = await createPeer({ name: 'serving', mesh: 'tabs', dataDir, page })
    await hostAgents(node, [guide, hotels])
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
      return seen?.id === node.identity.peerId && seen.agents.length === 2
    })

    const answer = await second.do('ask', TRIP)
    expect(answer.outcome).toBe('concluded')
    const records = async (tab: Tab) => (await tab.do('records', answer.space)).map(({ id }) => id).sort()
    await until('both have the same records', async () => {
      const [one, other] = await Promise.all([records(first), records(second)])
      return one.length > 0 && one.join() === other.join()
    })
    expect((await second.do('synthesis', answer.space))?.id).toBe(answer.synthesis?.id)
    const before = await records(second)
    expect(await second.do('find', 'a hotel room')).toContain('hotels')

    await first.page.close()
    await until('the second knows that the first is gone', () => second.do('ended'))
    expect(await second.do('start')).toBe(first.peerId)
    expect(await records(second)).toEqual(before)
    await until('it is the peer now', () => node.peers().some(({ state }) => state === 'reachable'))
    const again = await second.do('ask', `${TRIP} Once more.`)
    expect(again.outcome).toBe('concluded')
    expect([...first.troubles, ...second.troubles]).toEqual([])
  })
})
