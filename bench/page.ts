/**
 * The page in a real Chromium, each time as a new person: from opening it to being in the mesh, from asking to the
 * first offer, and to a direct link with the tab of another person who can help. Beside it what the browser alone
 * takes: to load the page, and to link two ends of WebRTC within one tab.
 */
import { loadavg } from 'node:os'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { commandLine } from '../scripts/command-line.ts'
import { bundledPage } from '../test/browser/bundle.ts'
import { launchChromium } from '../test/browser/chromium.ts'
import { PageHost } from '../test/browser/page-host.ts'
import { Tab } from '../test/browser/tab.ts'
import { flights, guide, hotels, TRIP } from '../test/scenarios/specialists.ts'
import { until } from '../test/until.ts'
import { type Summary, summary } from './figures/summary.ts'

const TEST_PAGE = resolve(import.meta.dirname, '../test/browser/page')
const AGENTS = [guide, flights, hotels]

type Figures = Record<'loaded' | 'joined' | 'firstOffer' | 'linked' | 'bareWebRtc', number>

const WORDS: Readonly<Record<keyof Figures, string>> = {
  loaded: 'the page alone, until it is loaded',
  joined: 'open the page to connected to the mesh',
  firstOffer: 'ask to first offer shown',
  bareWebRtc: 'WebRTC alone, both ends in one tab',
  linked: 'ask to WebRTC with another person’s tab',
}

export default async function page(args: string[]): Promise<void> {
  const { values } = commandLine(import.meta.url, { runs: 10, json: false }, args)
  const { runs } = values
  const load = [loadavg()[0] ?? 0]
  const measured: Figures[] = []
  const browser = await launchChromium()
  const host = await PageHost.start(AGENTS)
  const tabs = await PageHost.start(AGENTS, { page: await bundledPage(TEST_PAGE) })
  try {
    for (let i = -1; i < runs; i++) {
      const question = `${TRIP} on the ${i + 2}. of May` // the same one again would be answered from the commons
      const figures = {
        ...(await visit(browser, host.origin, question)),
        ...(await meeting(browser, tabs.origin, question)),
      }
      if (i >= 0) measured.push(figures) // the first run warms
    }
  } finally {
    await browser.close()
    await Promise.all([host.remove(), tabs.remove()])
  }
  load.push(loadavg()[0] ?? 0)
  const names = Object.keys(WORDS) as (keyof Figures)[]
  const report = Object.fromEntries(names.map(name => [name, summary(measured.map(each => each[name]))]))
  const title = `${runs} runs, load ${load.map(each => each.toFixed(1)).join(' to ')}`
  process.stdout.write(values.json ? `${JSON.stringify({ runs, load, ...report })}\n` : table(title, report))
}

async function visit(
  browser: Browser,
  url: string,
  question: string,
): Promise<Pick<Figures, 'loaded' | 'joined' | 'firstOffer'>> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const opened = performance.now()
  await page.goto(url)
  const loaded = performance.now() - opened
  await page.locator('.link.up').waitFor()
  const joined = performance.now() - opened
  await page
    .locator('.agent')
    .nth(AGENTS.length - 1)
    .waitFor()
  await page.getByLabel('Your question').fill(question)
  const asked = performance.now()
  await page.keyboard.press('Enter')
  await page.locator('.offer-list li').first().waitFor()
  const firstOffer = performance.now() - asked
  await context.close()
  return { loaded, joined, firstOffer }
}

async function meeting(
  browser: Browser,
  url: string,
  question: string,
): Promise<Pick<Figures, 'linked' | 'bareWebRtc'>> {
  const first = await Tab.open(browser, url)
  const bareWebRtc = await linkWithin(first.page)
  const second = await Tab.open(browser, url)
  await second.do('host', { name: 'ben', capability: TRIP, says: 'Take the earlier flight.' })
  const seen = async () => (await first.do('peers')).find(({ id }) => id === second.peerId)
  await until('the first has heard of the second', async () => (await seen())?.agents.length === 1)
  const asked = performance.now()
  const answer = first.do('ask', question)
  await until('the tabs are linked', async () => (await seen())?.transport === 'webrtc')
  const linked = performance.now() - asked
  await answer
  await Promise.all([first, second].map(tab => tab.page.context().close()))
  return { linked, bareWebRtc }
}

/** Two ends in one page, which tell each other everything at once. */
function linkWithin(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const started = performance.now()
    const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()]
    one.onicecandidate = ({ candidate }) => void other.addIceCandidate(candidate ?? undefined)
    other.onicecandidate = ({ candidate }) => void one.addIceCandidate(candidate ?? undefined)
    const channel = one.createDataChannel('bench')
    const open = new Promise(resolve => channel.addEventListener('open', resolve, { once: true }))
    await one.setLocalDescription()
    await other.setRemoteDescription(one.localDescription ?? { type: 'offer' })
    await other.setLocalDescription()
    await one.setRemoteDescription(other.localDescription ?? { type: 'answer' })
    await open
    const took = performance.now() - started
    one.close()
    other.close()
    return took
  })
}

function table(title: string, report: Record<string, Summary>): string {
  const row = (what: string, { median, max }: Summary) =>
    `${what.padEnd(46)}${String(median).padStart(8)} ms${String(max).padStart(8)} ms\n`
  const rows = (Object.keys(WORDS) as (keyof Figures)[]).map(name =>
    row(WORDS[name], report[name] ?? { median: Number.NaN, max: Number.NaN }),
  )
  return `${title.padEnd(46)}${'median'.padStart(11)}${'max'.padStart(11)}\n${rows.join('')}`
}
