/** A person opens the page of a peer: they ask, watch, take part, lose the connection and get it back. */
import { conclusion } from '@amp-mesh/context'
import type { Rec, SpaceId } from '@amp-mesh/protocol'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flights, hotels, specialist, TRIP } from '../scenarios/specialists.ts'
import { said, spaceOf } from '../scenarios/village.ts'
import { until } from '../until.ts'
import { chromiumPath, launchChromium, withChromium } from './chromium.ts'
import { PageHost } from './page-host.ts'

const WORDS = 'The marathon starts on Staten Island, so stay downtown.'

/** Another machine, as a browser sees it: no loopback address, no TLS, so no WebCrypto. */
const ELSEWHERE = 'mesh.example'

describe.skipIf(chromiumPath === undefined)(`the page${withChromium}`, () => {
  const spoken = Promise.withResolvers<void>()
  /** Has something to add only once the person has spoken: so there is time for a person. */
  const patient = specialist('patient', 'travel to New York: flights, hotel, marathon weekend', {
    first: async () => spoken.promise,
  })
  let host: PageHost
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    host = await PageHost.start([flights, hotels, patient], { names: [ELSEWHERE] })
    browser = await launchChromium(`--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`)
    page = await (await browser.newContext()).newPage()
  })

  afterAll(async () => {
    spoken.resolve()
    await browser?.close()
    await host?.remove()
  })

  it('shows who is there, and how it is connected to them', async () => {
    await page.goto(host.url)
    await page.locator('.link.up').waitFor()
    expect(new URL(page.url()).hash).toBe('') // the token does not stay where it can be copied
    await page.locator('.person.reachable', { hasText: 'WebSocket' }).first().waitFor()
    expect(await page.locator('.agent .name').allInnerTexts()).toEqual(['flights', 'hotels', 'patient'])
  })

  it('asks, and a person builds on what an agent proposed', async () => {
    await page.getByLabel('Your question').fill(TRIP)
    await page.getByRole('button', { name: 'Ask the mesh' }).click()
    await page.locator('.offer-list', { hasText: 'patient' }).waitFor()
    const proposal = page.locator('.said', { hasText: 'hotel near Penn Station' })
    await proposal.getByRole('button', { name: 'Respond' }).click()
    await proposal.getByLabel('Your name here').fill('Mía')
    await proposal.getByLabel('What do you add?').fill(WORDS)
    await proposal.getByRole('button', { name: 'Add' }).click()
    await page.locator('.tree .tree .said', { hasText: WORDS }).waitFor()
    spoken.resolve()
  })

  it('[P5.person] ends with a synthesis whose footnotes lead to the records, the person’s among them', async () => {
    await page.locator('.synthesis').waitFor()
    const space = spaceOf(host.peer, spaceIn(host))
    const spoke = said(host.peer, space.id, 'build_on').find(({ op }) => op.agent === 'mia')
    expect(spoke?.op.content).toBe(WORDS)
    const { synthesis } = conclusion(space.replica.records, space.genesis)
    expect(synthesis?.op.claims.flatMap(({ references }) => references)).toContain(spoke?.id)

    await page.locator('.notes').evaluate(notes => notes.setAttribute('open', ''))
    await page.locator('.notes a', { hasText: WORDS }).first().click()
    expect(await page.locator(':target').innerText()).toContain(WORDS)
  })

  it('takes judgements too', async () => {
    const proposal = page.locator('.said', { hasText: 'Fly nonstop' }).first()
    await proposal.getByRole('button', { name: 'Respond' }).click()
    await proposal.getByLabel('Verify').check()
    await proposal.getByRole('button', { name: 'Verify' }).click()
    await proposal.locator('.supports', { hasText: 'mia' }).waitFor()
    const isMine = ({ op }: Rec<'verify'>) => op.v === 1 && op.agent === 'mia'
    await until('the peer has the verdict', () => said(host.peer, spaceIn(host), 'verify').some(isMine))
  })

  it('[P5.heal] says that the connection is gone, keeps what it has, and heals by itself', async () => {
    const again = await host.stop()
    await page.getByRole('alert').filter({ hasText: 'The connection is gone' }).waitFor()
    expect(await page.locator('.synthesis').isVisible()).toBe(true)
    host = await PageHost.start([flights, hotels, patient], { ...again, names: [ELSEWHERE] })
    await page.locator('.link.up').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  it('is the same peer with the same questions after a reload', async () => {
    const id = await page.locator('.mesh').getAttribute('title')
    await page.reload()
    await page.locator('.link.up').waitFor()
    expect(await page.locator('.mesh').getAttribute('title')).toBe(id)
    await page.locator('.synthesis').waitFor()
  })

  it('is one peer in all tabs of a person: a second one speaks, and goes on when the first is closed', async () => {
    const id = await page.locator('.mesh').getAttribute('title')
    const second = await page.context().newPage()
    await second.goto(host.origin)
    await second.locator('.link.up').waitFor()
    expect(await second.locator('.mesh').getAttribute('title')).toBe(id)
    await second.locator('.question').first().click()
    const proposal = second.locator('.said', { hasText: 'hotel near Penn Station' })
    await proposal.getByRole('button', { name: 'Respond' }).click()
    await proposal.getByLabel('Verify').check()
    await proposal.getByRole('button', { name: 'Verify' }).click()
    for (const tab of [page, second])
      await tab.locator('.said', { hasText: 'hotel near' }).locator('.supports', { hasText: 'mia' }).waitFor()
    const verdicts = () => said(host.peer, spaceIn(host), 'verify').filter(({ op }) => op.agent === 'mia')
    await until('the peer has the second verdict', () => verdicts().length === 2)

    await page.close()
    page = second
    await page.getByRole('alert').waitFor()
    await page.locator('.link.up').waitFor()
    expect(await page.locator('.mesh').getAttribute('title')).toBe(id)
    await page.locator('.synthesis').waitFor()
  })

  it('[G4.private] shows what the peer keeps to whoever has its token, and to nobody else', async () => {
    const owner = await (await browser.newContext()).newPage()
    const stranger = await (await browser.newContext()).newPage()
    await Promise.all([owner.goto(host.url), stranger.goto(host.origin)])
    await owner.locator('.question', { hasText: 'kept by this peer' }).click()
    await owner.locator('.synthesis').waitFor()
    await stranger.locator('.link.up').waitFor()
    expect(await stranger.locator('.question').count()).toBe(0)
    const answer = await stranger.evaluate(() => fetch('/private/spaces').then(({ status }) => status))
    expect(answer).toBe(401)
    await Promise.all([owner.close(), stranger.close()])
  })

  it('works when the peer is opened from another machine, without TLS', async () => {
    const visitor = await (await browser.newContext()).newPage()
    await visitor.goto(host.origin.replace('127.0.0.1', ELSEWHERE))
    await visitor.locator('.link.up').waitFor()
    expect(await visitor.evaluate(() => isSecureContext)).toBe(false)
    await visitor.locator('.agent', { hasText: 'flights' }).first().waitFor()
    await visitor.close()
  })

  it('says so when a conclusion falls', async () => {
    const proposal = page.locator('.said', { hasText: 'Fly nonstop' }).first()
    await proposal.getByRole('button', { name: 'Respond' }).click()
    await proposal.getByLabel('Dispute').check()
    await proposal.getByLabel('What is wrong with it?').fill('It is on strike.')
    await proposal.getByRole('button', { name: 'Dispute' }).click()
    await proposal.locator('.refutes', { hasText: 'mia: It is on strike.' }).waitFor()
    await page.locator('.status.fallen').waitFor() // the asker verifies, and one of two is a quorum
    expect(await page.locator('.synthesis').count()).toBe(0)
  })
})

/** The one question there is. */
const spaceIn = (host: PageHost): SpaceId => host.peer.spaces()[0]?.id ?? ''
