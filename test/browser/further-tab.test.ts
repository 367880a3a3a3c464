/** Tabs of one person are one peer, over reloads and closed tabs: agents in them get letters, closed meshes know it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { hostAgents } from '@amp-mesh/agents'
import { createPeer, invite, type NodePeer } from '@amp-mesh/peer/node'
import { type AgentId, agentIdOf, type Json } from '@amp-mesh/protocol'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { guide, hotels, specialist, TRIP } from '../scenarios/specialists.ts'
import { until } from '../until.ts'
import { bundledPage } from './bundle.ts'
import { chromiumPath, launchChromium, withChromium } from './chromium.ts'
import { Tab } from './tab.ts'

/** Said in a question that is not answered while the first tab is there. */
const HURRY = 'Say it in a hurry.'

describe.skipIf(chromiumPath === undefined)(`tabs of one person${withChromium}`, () => {
  const gone = Promise.withResolvers<void>()
  let dataDir: string
  let node: NodePeer
  let browser: Browser
  let page: Awaited<ReturnType<typeof bundledPage>>
  const pageOf = (peer: NodePeer) => `http://127.0.0.1:${/\/tcp\/(\d+)/.exec(peer.addresses()[0] ?? '')?.[1]}/`
  const open = () => Tab.open(browser, pageOf(node))

  const startAway = () => createPeer({ name: 'away', mesh: 'tabs', dataDir, join: node.addresses() })

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'amp-further-'))
    page = await bundledPage(resolve(import.meta.dirname, 'page'))
    node = await createPeer({ name: 'serving', mesh: 'tabs', dataDir, page })
    const slow = specialist('slow', 'travel to New York: flights, hotel, marathon weekend', {
      first: async ({ question }) => (question.query.includes(HURRY) ? gone.promise : undefined),
    })
    await hostAgents(node, [guide, hotels, slow])
    node.receive('desk', ({ message, from }) => ({ got: message, from }))
    node.onConnect('desk', async direct => {
      for await (const message of direct) await direct.send({ back: message })
    })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('[P5.origin] are one peer, whichever of them is open', async () => {
    const first = await open()
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

  it('[G9.tab] what is sent to agents in a tab is handled once, over reloads, and what they send arrives', async () => {
    const tab = await open()
    const clerk = agentIdOf(tab.peerId, 'clerk')
    const desk = agentIdOf(node.identity.peerId, 'desk')
    const first = node.send(clerk, 'first')
    await first.stored // though nobody receives there yet, and no code for it was loaded

    await tab.do('hostClerk', { name: 'clerk', stuck: true })
    await tab.page.waitForFunction(() => document.title === 'stuck')
    await tab.reload()
    const second = node.send(clerk, 'second')
    await tab.do('hostClerk', { name: 'clerk' })
    expect(await first.done).toEqual({ message: 'first', count: 1 })
    expect(await second.done).toEqual({ message: 'second', count: 2 })
    expect(await node.request(clerk, 'asked')).toEqual({ message: 'asked', count: 3 })

    const sent = await tab.do('send', desk, { room: 'double' })
    expect(sent.states).toEqual(['queued', 'sent', 'stored', 'done'])
    expect(sent.answer).toEqual({ got: { room: 'double' }, from: tab.peerId })
    expect(await tab.do('refusal', desk, 'late', { deadline: 0 })).toBe('expired')

    await tab.do('subscribe', 'news.*')
    await until('the tab hears what is published', async () => {
      await node.publish('news.weather', 'rain')
      return (await tab.do('heard')).length > 0
    })
    expect((await tab.do('heard'))[0]).toMatchObject({
      subject: 'news.weather',
      data: 'rain',
      from: node.identity.peerId,
    })
    expect(await tab.do('talk', desk, 'again')).toEqual({ back: 'again' })
    expect(await sayOnce(node, clerk, 'straight')).toEqual({ echo: 'straight' })

    const away = await startAway()
    await away.stop()
    const clerkAway = agentIdOf(away.identity.peerId, 'clerk')
    await tab.do('queue', clerkAway, 'for when you are back')
    await tab.page.close()
    const back = await startAway()
    const { promise: letter, resolve } = Promise.withResolvers<Json>()
    back.receive('clerk', ({ message }) => resolve(message))
    const again = await tab.further()
    expect(await letter).toBe('for when you are back')
    await back.stop()
    expect([...tab.troubles, ...again.troubles]).toEqual([])
    await tab.page.context().close()
  })

  it('[G9.tab] agents of a further tab speak and listen through the first', async () => {
    const tab = await open()
    const further = await tab.further()
    const scribe = agentIdOf(further.peerId, 'scribe')
    const desk = agentIdOf(node.identity.peerId, 'desk')
    const sent = await further.do('send', desk, 'hello')
    expect(sent).toEqual({ states: ['queued', 'sent', 'stored', 'done'], answer: { got: 'hello', from: tab.peerId } })
    expect(await further.do('refusal', desk, 'late', { deadline: 0 })).toBe('expired')
    expect(await further.do('request', desk, 'quick')).toMatchObject({ got: 'quick' })
    expect(await further.do('talk', desk, 1)).toEqual({ back: 1 })
    expect(await further.do('talk', desk, 2)).toEqual({ back: 2 })

    await further.do('hostClerk', { name: 'scribe' })
    expect(await node.send(scribe, 'a').done).toEqual({ message: 'a', count: 1 })
    expect(await node.request(scribe, 'b')).toEqual({ message: 'b', count: 2 })
    expect(await sayOnce(node, scribe, 'c')).toEqual({ echo: 'c' })

    await node.publish('tides.harbour', 'high')
    await further.do('subscribe', 'tides.>', { last: 1 })
    await until('what was published before is remembered', async () => (await further.do('heard')).length > 0)
    expect((await further.do('heard'))[0]).toMatchObject({ subject: 'tides.harbour', data: 'high' })

    // the tab it lived in is gone: what comes waits, and is handled where the agent is next
    await further.page.close()
    const late = node.send(scribe, 'd')
    await late.stored
    await tab.do('hostClerk', { name: 'scribe' })
    expect(await late.done).toEqual({ message: 'd', count: 3 })
    expect([...tab.troubles, ...further.troubles]).toEqual([])
    await tab.page.context().close()
  })

  it('[G10.tab] a closed mesh takes in the tab that was invited, and knows it again', async () => {
    const club = await createPeer({ name: 'club', mesh: 'club', dataDir, page, closed: true })
    onTestFinished(() => club.stop())
    await expect(Tab.open(browser, pageOf(club))).rejects.toThrow(/closed: ask one of its members/)

    const { text } = await invite({ mesh: 'club', dataDir })
    const tab = await Tab.open(browser, pageOf(club), { invitation: text })
    await until('it is a member', () =>
      club.peers().some(({ id, state }) => id === tab.peerId && state === 'reachable'),
    )

    const { peerId } = tab
    await tab.reload() // without the invitation
    expect(tab.peerId).toBe(peerId)
    await tab.do('hostClerk', { name: 'clerk' })
    expect(await club.send(agentIdOf(peerId, 'clerk'), 'welcome').done).toEqual({ message: 'welcome', count: 1 })

    expect(tab.troubles).toEqual([])
    await tab.page.context().close()
  })
})

async function sayOnce(from: NodePeer, to: AgentId, message: Json): Promise<Json | undefined> {
  const direct = await from.connect(to)
  await direct.send(message)
  for await (const answer of direct) {
    await direct.close()
    return answer
  }
  return undefined
}
