/** Browser tabs are peers: they ask, contribute and conclude with peers on Node, and talk to each other directly. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { hostAgents } from '@amp-mesh/agents'
import type { Peer, PeerInfo } from '@amp-mesh/peer'
import { createPeer } from '@amp-mesh/peer/node'
import type { Agent } from '@amp-mesh/protocol'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundledPage } from '../browser/bundle.ts'
import { chromiumPath, launchChromium, withChromium } from '../browser/chromium.ts'
import { Tab } from '../browser/tab.ts'
import { until } from '../until.ts'
import { flights, guide, hotels, TRIP } from './specialists.ts'
import { askAll, ended, said, synthesisOf } from './village.ts'

const PAGE = resolve(import.meta.dirname, '../browser/page')
/** What one question's records weigh at least, on their way from tab to tab, bytes. */
const A_SPACE = 4_000
/** Offers are waited for so long, ms: on a busy machine a tab takes seconds to be linked, and to judge. */
const PATIENCE_MS = 10_000

describe.skipIf(chromiumPath === undefined)(`tabs and peers on Node${withChromium}`, () => {
  let dataDir: string
  let browser: Browser
  let page: Awaited<ReturnType<typeof bundledPage>>
  const nodes: Peer[] = []
  let ada: Tab
  let ben: Tab

  const start = async (name: string, agents: readonly Agent[], listen: number, joined: readonly Peer[]) => {
    const known = joined.flatMap(peer => peer.addresses().slice(0, 1))
    const peer = await createPeer({ name, mesh: 'tabs', dataDir, listen, page, join: known })
    nodes.push(peer)
    await hostAgents(peer, agents)
    return peer
  }
  const portOf = (peer: Peer) => Number(/\/tcp\/(\d+)/.exec(peer.addresses()[0] ?? '')?.[1])
  const linked = async (tab: Tab, to: string) =>
    (await tab.do('peers')).some(({ id, state }) => id === to && state === 'reachable')

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'amp-tabs-'))
    page = await bundledPage(PAGE)
    browser = await launchChromium()
    const first = await start('serving', [guide], 0, [])
    await start('flights', [flights], 0, [first])
    await start('hotels', [hotels], 0, [first])
    ada = await Tab.open(browser, `http://127.0.0.1:${portOf(first)}/`)
    ben = await Tab.open(browser, `http://127.0.0.1:${portOf(first)}/`)
    await ben.do('host', {
      name: 'ben',
      capability: 'knows how to travel to New York with children: flights, hotel, marathon weekend',
      says: 'With children take the earlier flight, so that nobody is tired at the start.',
      on: 'flights',
    })
    await until('all know all agents', async () => {
      const count = (peers: readonly PeerInfo[]) => peers.flatMap(({ agents }) => agents).length
      // each hears of the others'; ada has none of her own
      const known = [...nodes.map(node => node.peers()), await ben.do('peers')]
      return known.every(peers => count(peers) >= 3) && count(await ada.do('peers')) >= 4
    })
  })
  afterAll(async () => {
    await browser?.close()
    await Promise.allSettled(nodes.map(node => node.stop()))
    await rm(dataDir, { recursive: true, force: true })
  })

  it('[P5.tabs] a tab asks, agents on Node and in another tab answer, and all hold the same conclusion', async () => {
    await until('every peer on Node lists her', () =>
      nodes.every(node => node.peers().some(({ id, state }) => id === ada.peerId && state === 'reachable')),
    )
    const before = await ada.webRtcBytes()

    const answer = await ada.do('ask', TRIP, { offerWindowMs: PATIENCE_MS })

    expect(answer).toMatchObject({ outcome: 'concluded', peers: 4 })
    const records = await ada.do('records', answer.space)
    const offers = records.flatMap(({ op }) => (op.k === 'capability_match' ? [op.agent] : []))
    expect(new Set(offers)).toEqual(new Set(['flights', 'hotels', 'guide', 'ben']))
    const bens = records.find(({ op }) => op.k === 'build_on' && op.agent === 'ben')
    expect(answer.synthesis?.op.claims.flatMap(({ references }) => references)).toContain(bens?.id)
    await until('the same conclusion in the other tab and on Node', async () => {
      const seen = [await ben.do('synthesis', answer.space), ...nodes.map(node => synthesisOf(node, answer.space))]
      return seen.every(synthesis => synthesis?.id === answer.synthesis?.id)
    })
    await until('the tabs are linked', () => linked(ada, ben.peerId))
    expect((await ada.webRtcBytes()) - before).toBeGreaterThan(A_SPACE)
  })

  it('[P5.worker] an agent in a worker of a tab is found by meaning from Node, and contributes', async () => {
    const [, , asker] = nodes as [Peer, Peer, Peer]
    await ada.do('hostDiner')
    await until('its card is here', () =>
      asker.peers().some(({ agents }) => agents.some(({ agent }) => agent.endsWith('/diner'))),
    )

    const done = ended(await askAll(asker, 'Where do we eat good dumplings?'))

    expect(done.outcome).toBe('concluded')
    const [proposal] = said(asker, done.space, 'proposal')
    expect(proposal?.op).toMatchObject({ agent: 'diner', content: expect.stringMatching(/says a worker/) })
    expect(done.synthesis?.op.claims.flatMap(({ references }) => references)).toContain(proposal?.id)
  })

  it('[P5.survive] their server dies: tabs stay linked, keep all, ask on, come back as they were', async () => {
    const [serving, ...others] = nodes as [Peer, Peer, Peer]
    const port = portOf(serving)
    const spaces = await ada.do('spaces')
    await serving.stop()
    await until('the tabs have noticed', async () => !(await linked(ada, serving.identity.peerId)))

    const before = await ada.webRtcBytes()
    expect(await ada.do('spaces')).toEqual(spaces)
    const answer = await ada.do('ask', `${TRIP} And with children?`, { offerWindowMs: PATIENCE_MS })
    expect(answer.outcome).toBe('concluded')
    await until('he builds on it', async () => {
      const records = await ada.do('records', answer.space)
      return records.some(({ op }) => op.k === 'build_on' && op.agent === 'ben')
    })
    expect((await ada.webRtcBytes()) - before).toBeGreaterThan(A_SPACE)

    nodes[0] = await start('serving', [guide], port, others)
    const { peerId } = ada
    await ada.reload()
    expect(ada.peerId).toBe(peerId)
    expect(new Set(await ada.do('spaces'))).toEqual(new Set([...spaces, answer.space]))
    expect((await ada.do('synthesis', answer.space))?.id).toBe(answer.synthesis?.id)
    expect([...ada.troubles, ...ben.troubles]).toEqual([])
  })
})
