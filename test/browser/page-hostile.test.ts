/** Content of others is text: whatever they put into any field they can fill, nothing of it runs or breaks the page. */
import { question } from '@amp-mesh/context'
import type { CardDraft, Space } from '@amp-mesh/peer'
import type { Agent, Op, RecordId } from '@amp-mesh/protocol'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { chromiumPath, launchChromium, withChromium } from './chromium.ts'
import { PageHost } from './page-host.ts'
import { XSS } from './xss-strings.ts'

const WIDTHS = [360, 1_920]
const BUDGET_MS = 600_000

describe.skipIf(chromiumPath === undefined)(`a hostile peer${withChromium}`, () => {
  let host: PageHost
  let attacker: PageHost
  let browser: Browser
  let page: Page
  /** What no honest page does: run what it was given, report a breach of its policy, fail. */
  const troubles: string[] = []

  beforeAll(async () => {
    host = await PageHost.start([agent('good')])
    attacker = await PageHost.start([agent('evil')], { join: host.peer.addresses().slice(0, 1) })
    await attacker.peer.announce(cards())
    browser = await launchChromium()
    page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(15_000)
    page.on('pageerror', error => troubles.push(`error: ${error.message}`))
    page.on('dialog', dialog => troubles.push(`dialog: ${dialog.message()}`))
    page.on('console', message => {
      if (message.type() === 'error') troubles.push(`console: ${message.text()}`)
    })
    await page.addInitScript(() =>
      addEventListener('securitypolicyviolation', breach =>
        console.error(`policy: ${breach.violatedDirective} ${breach.blockedURI} ${breach.sample}`),
      ),
    )
  })

  afterAll(async () => {
    await browser?.close()
    await attacker?.remove()
    await host?.remove()
  })

  it('[G4.page] is listed with what it calls itself, as text', async () => {
    await page.goto(host.url)
    await page.locator('.link.up').waitFor()
    await page.locator('.agent').nth(cards().length).waitFor()
    for (const summary of await page.locator('.agent summary').all()) await summary.click()
    await expectTextOnly(page, troubles)
  })

  it('[G4.page] is found with what it says it can do, as text', async () => {
    await page.getByRole('searchbox').fill('script constructor window pwned')
    await page.keyboard.press('Enter')
    await page
      .getByRole('status')
      .filter({ hasText: /agents? for/ })
      .waitFor()
    expect(await page.locator('.found > li').count()).toBeGreaterThan(0)
    for (const why of await page.locator('.found summary').all()) await why.click()
    await expectTextOnly(page, troubles)
  })

  it('[G4.page] asks with what it likes, and fills a space with it', async () => {
    const asking = attacker.peer.ask(XSS.slice(0, 40).join(' '), {
      goal: XSS.slice(40, 60).join(' '),
      requirements: XSS.slice(60, 70).map(text => text.slice(0, 1_024)),
      budgetMs: BUDGET_MS,
      scope: 'all',
    })
    const space = attacker.peer.space(await asking.space)
    if (space === undefined) throw new Error('the attacker’s own space')
    await until('the question is asked', () => question(space.replica.records, space.genesis) !== undefined)
    const written = await fill(space)
    await page.locator('.question').first().click()
    await page.locator('.space .said').nth(XSS.length).waitFor()
    for (const details of await page.locator('.space details').all())
      await details.evaluate(element => element.setAttribute('open', ''))
    expect(written).toBeGreaterThan(4 * XSS.length)
    await expectTextOnly(page, troubles)
    for (const text of ['<script>window.pwned=1</script>', 'javascript:window.pwned=1', '{{constructor'])
      expect(await page.locator('.space .said', { hasText: text }).count()).toBeGreaterThan(0)
  })
})

const agent = (name: string): Agent => ({
  name,
  capabilities: [{ text: 'waters plants' }],
  offer: () => undefined,
  contribute: async () => {},
})

/** Every field of a card that takes words; names have a pattern. */
function cards(): CardDraft[] {
  return [0, 1, 2, 3].map(n => {
    const words = XSS.slice(n * 25, n * 25 + 25)
    const text = (at: number, length: number) => words[at]?.slice(0, length) ?? ''
    return {
      name: `evil-${n}`,
      description: words.join(' ').slice(0, 1_024),
      capabilities: words.map(word => ({ text: word.slice(0, 512), examples: [word.slice(0, 512)] })),
      operator: text(n, 128),
      model: text(n + 1, 128),
      state: 'ready',
    }
  })
}

/** Every field of every kind of record that is shown; ids have a pattern, `o` and `src` may be anything. */
async function fill({ replica, genesis }: Space): Promise<number> {
  const asked = question(replica.records, genesis)?.id ?? ''
  const say = async (ops: Op[]): Promise<RecordId[]> => (await replica.append(ops)).map(({ id }) => id)
  const each = (op: (text: string, n: number) => Op) => XSS.map((text, n) => op(text, n))
  const proposals = await say(each(content => ({ k: 'proposal', for: asked, content, agent: 'constructor' })))
  const facts = await say(
    each((text, n) => ({
      k: 'fact',
      s: text.slice(0, 512),
      p: text.slice(0, 256),
      o: [text.slice(0, 500)],
      slot: 'same',
      ...(n % 2 === 0 && { text }),
      src: text.slice(0, 500),
    })),
  )
  await say(
    each((content, n) => ({ k: 'build_on', parent: proposals[n] ?? '', content, references: facts.slice(0, 9) })),
  )
  await say(
    each((why, n) => ({ k: 'verify', of: facts[n] ?? '', v: n % 2 === 0 ? 1 : -1, why, ev: [why.slice(0, 9)] })),
  )
  await say(XSS.slice(0, 30).map(offer => ({ k: 'capability_match', for: asked, confidence: 1, offer, agent: 'evil' })))
  await say(XSS.slice(0, 30).map(why => ({ k: 'conflict', a: facts.slice(0, 2), why })))
  await say(
    XSS.slice(0, 20).map(content => ({
      k: 'concern',
      parent: proposals[0] ?? '',
      content,
      via: content.slice(0, 128),
    })),
  )
  await say(XSS.slice(0, 20).map(content => ({ k: 'need', content, capability: content.slice(0, 512) })))
  const claims = proposals.slice(0, 9).map((id, n) => ({ text: XSS[n * 9] ?? '', references: [id] }))
  await say([{ k: 'synthesis', for: asked, content: XSS.slice(40, 60).join('\n'), claims }])
  return replica.records.size
}

/** Nothing ran, nothing became markup, nothing stands out of the page at either width. */
async function expectTextOnly(page: Page, troubles: readonly string[]): Promise<void> {
  const found = await page.evaluate(() => ({
    pwned: 'pwned' in window,
    markup: document.querySelectorAll('img, iframe, object, embed, video, audio, style, base, math, svg svg').length,
    scripts: document.scripts.length,
    foreignLinks: [...document.links].filter(({ href }) => !href.startsWith(`${location.origin}/#`)).length,
    handlers: [...document.querySelectorAll('*')].filter(one => one.getAttributeNames().some(name => /^on/.test(name)))
      .length,
  }))
  expect(found).toEqual({ pwned: false, markup: 0, scripts: 1, foreignLinks: 0, handlers: 0 })
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(overflow, `${width} px`).toBeLessThanOrEqual(0)
  }
  expect(troubles).toEqual([])
}
