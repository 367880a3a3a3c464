/** A Chromium for tests: the system's, else the one that comes with npm, else none and a clear word. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Where systems put it. AMP_CHROMIUM names another. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Quiet, and fit for containers; addresses of WebRTC are shown as they are, since nobody answers mDNS there. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
]

/** Path of a Chromium or Chrome that can be started here. */
export const chromiumPath: string | undefined = await findChromium()

/** To be shown with tests that are skipped for the lack of one. */
export const withChromium = chromiumPath === undefined ? ' (skipped: no Chromium or Chrome; set AMP_CHROMIUM)' : ''

/** Each context of the browser (`newContext`) is a person of its own: other storage, another peer. */
export async function launchChromium(...more: readonly string[]): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no Chromium or Chrome found; set AMP_CHROMIUM to its path')
  return chromium.launch({ executablePath: chromiumPath, headless: true, args: [...FLAGS, ...more] })
}

async function findChromium(): Promise<string | undefined> {
  const named = process.env.AMP_CHROMIUM
  if (named !== undefined) return named
  const system = PLACES.find(place => existsSync(place))
  if (system !== undefined || process.platform !== 'linux' || process.arch !== 'x64') return system
  const { default: bundled } = await import('@sparticuz/chromium')
  return bundled.executablePath()
}
