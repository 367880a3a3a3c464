/** The page is for everybody: what axe can find, in each state and both themes, and what a keyboard can reach. */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundledPage } from './bundle.ts'
import { chromiumPath, launchChromium, withChromium } from './chromium.ts'
import { QUESTION, SCENES } from './stage/script.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Axe {
  run(options: object): Promise<{ violations: { id: string; impact: string; nodes: { target: string[] }[] }[] }>
}

/** A theme changes colours and nothing else: in the dark one all else need not be looked at again. */
const LOOKS = { light: {}, dark: { runOnly: ['color-contrast'] } } as const

describe.skipIf(chromiumPath === undefined)(`everybody can use the page${withChromium}`, () => {
  let browser: Browser
  let server: Server
  let address = ''

  beforeAll(async () => {
    server = createServer(await bundledPage(join(import.meta.dirname, 'stage')))
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', () => listening()))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  it.each([1_280, 360])('[P5.access] axe finds nothing serious in any state, light or dark, at %i px', async width => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: 'reduce' })
    const page = await context.newPage()
    const found: string[] = []
    const seen: string[] = []
    const look = async (state: string) => {
      seen.push(state)
      for (const [colorScheme, options] of Object.entries(LOOKS)) {
        await page.emulateMedia({ colorScheme: colorScheme as keyof typeof LOOKS })
        for (const violation of await serious(page, options)) found.push(`${state}, ${colorScheme}: ${violation}`)
      }
    }
    await page.goto(address)
    await page.evaluate(AXE)
    await page.locator('.link.up').waitFor()
    for (const panel of await page.locator('.panel').all()) await panel.evaluate(each => each.setAttribute('open', ''))
    await page.getByRole('button', { name: 'Take part' }).click()
    await look('empty')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('searchbox').fill('check the licences of a library')
    await page.keyboard.press('Enter')
    await page
      .getByRole('status')
      .filter({ hasText: /agents? for/ })
      .waitFor()
    for (const why of await page.locator('.found summary').all()) await why.click()
    await look('found')
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
    await page.getByLabel('Your question').fill(QUESTION)
    await page.keyboard.press('Enter')
    await page.locator('.status.asking').waitFor()
    await look('asking')
    await page.evaluate(() => window.stage.play('offers'))
    await page.locator('.offer-list').waitFor()
    await page.getByRole('button', { name: 'I can help' }).click()
    await look('offers')
    await page.evaluate(() => window.stage.play('contradiction'))
    await page.locator('.conflict.open').waitFor()
    await page.locator('.respond').first().click()
    await look('contradiction')
    await page.evaluate(() => window.stage.play('synthesis'))
    await page.locator('.synthesis').waitFor()
    await page.locator('.notes').evaluate(notes => notes.setAttribute('open', ''))
    await look('synthesis')
    await page.evaluate(() => window.stage.cut())
    await page.locator('.link.lost').waitFor()
    await look('disconnected')
    expect(found).toEqual([])
    expect(seen).toEqual(['empty', 'found', 'asking', ...SCENES, 'disconnected'])
    await context.close()
  })

  it('all that can be clicked can be reached and used from the keyboard', async () => {
    const page = await browser.newPage()
    await page.goto(address)
    await page.locator('.link.up').waitFor()
    const reached = new Set<string>()
    for (let n = 0; n < 14; n++) {
      await page.keyboard.press('Tab')
      reached.add(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? ''))
    }
    for (const name of ['Skip to the question', 'amp-mesh', 'More', 'Ask the mesh', 'Find', 'Take part'])
      expect([...reached]).toContain(name)
    await page.close()
  })
})

async function serious(page: Page, options: object): Promise<string[]> {
  // of what passes axe need not work out where it is: that takes as long as looking
  const given = { ...options, resultTypes: ['violations'] }
  const looked = await page.evaluate(how => (window as Window & { axe?: Axe }).axe?.run(how), given)
  if (looked === undefined) throw new Error('axe is not in the page')
  return looked.violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}
