/**
 * `npm run screenshots`: pictures of the page in each state, at both widths, in both themes, in `screenshots/`.
 * `--out <folder>` elsewhere; `--readme`: the two that stand in the README of packages/web. The page is the real one;
 * around it a mesh in memory says what a script tells it to.
 */
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { bundledPage } from '../test/browser/bundle.ts'
import { launchChromium } from '../test/browser/chromium.ts'
import { QUESTION, SCENES } from '../test/browser/stage/script.ts'
import { commandLine } from './command-line.ts'

const ROOT = resolve(import.meta.dirname, '..')
const SIZES = [
  { width: 360, height: 740 },
  { width: 1_920, height: 1_080 },
] as const
const THEMES = ['light', 'dark'] as const
/** What shows that a scene has been played: the last of it. */
const SIGNS = {
  offers: '.offer-list li:nth-child(3)',
  contradiction: '.conflict.open',
  synthesis: '.synthesis',
} as const

const { values } = commandLine(import.meta.url, { out: join(ROOT, 'screenshots'), readme: false })
const server = createServer(await bundledPage(join(ROOT, 'test/browser/stage')))
await new Promise<void>(listening => server.listen(0, '127.0.0.1', () => listening()))
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
const browser = await launchChromium()
if (values.readme) {
  const folder = join(ROOT, 'packages/web/pictures')
  await visit({ width: 1_120, height: 740 }, 'light', async (page, state) => {
    if (state === 'synthesis') await page.screenshot({ path: join(folder, 'conclusion.png') })
  })
  await visit({ width: 360, height: 740 }, 'dark', async (page, state) => {
    if (state === 'contradiction') await page.screenshot({ path: join(folder, 'contradiction.png') })
  })
} else {
  mkdirSync(values.out, { recursive: true })
  for (const size of SIZES)
    for (const theme of THEMES)
      await visit(size, theme, (page, state) =>
        page.screenshot({ path: join(values.out, `${state}-${size.width}-${theme}.png`), fullPage: true }),
      )
}
await browser.close()
server.close()

type Size = { width: number; height: number }
type Shot = (page: Page, state: string) => Promise<unknown>

async function visit(viewport: Size, colorScheme: (typeof THEMES)[number], shot: Shot): Promise<void> {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.on('pageerror', error => process.stderr.write(`${error.stack}\n`))
  await perform(page, state => shot(page, state))
  await context.close()
  process.stdout.write(`${viewport.width} px, ${colorScheme}\n`)
}

async function perform(page: Page, shot: (state: string) => Promise<unknown>): Promise<void> {
  await page.goto(address)
  await page.locator('.link.up').waitFor()
  await shot('empty')
  await page.locator('#query').fill(QUESTION)
  await page.locator('.more > summary').click()
  await page.locator('select[name=seconds]').selectOption('600')
  await page.getByRole('button', { name: 'Ask the mesh' }).click()
  await page.locator('.status.asking').waitFor()
  await page.mouse.move(0, 0) // nothing is to look pointed at
  await shot('asking')
  for (const scene of SCENES) {
    await page.evaluate(name => window.stage.play(name), scene)
    await page.locator(SIGNS[scene]).waitFor()
    await shot(scene)
  }
  await page.evaluate(() => window.stage.cut())
  await page.locator('.link.lost').waitFor()
  await shot('disconnected')
}
