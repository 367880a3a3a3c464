/** A Chromium for tests: the system's, else the one that comes with npm, else none and a clear word. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { bundledChromium, type Chromium } from './bundled-chromium.ts'

/** Where systems put it. AMP_CHROMIUM names another, or is `bundled`: that of npm though the system has one. */
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

const found = await findChromium()

/** Path of a Chromium or Chrome that can be started here. */
export const chromiumPath: string | undefined = found?.path

const MISSING = 'no Chromium or Chrome starts here; set AMP_CHROMIUM to the path of one'

/** To be shown with tests that are skipped for the lack of one. */
export const withChromium = chromiumPath === undefined ? ` (skipped: ${MISSING})` : ''
// a summary tells how many were skipped, not why
if (chromiumPath === undefined) process.stderr.write(`Tests in a browser are skipped: ${MISSING}.\n`)

/** Each context of the browser (`newContext`) is a person of its own: other storage, another peer. */
export async function launchChromium(...more: readonly string[]): Promise<Browser> {
  if (found === undefined) throw new Error(MISSING)
  const env = { ...process.env, ...found.env }
  return chromium.launch({ executablePath: found.path, headless: true, env, args: [...FLAGS, ...more] })
}

async function findChromium(): Promise<Chromium | undefined> {
  const named = process.env.AMP_CHROMIUM
  const paths = named === undefined ? PLACES.filter(place => existsSync(place)) : named === 'bundled' ? [] : [named]
  for (const path of paths) if (await starts({ path, env: {} })) return { path, env: {} }
  if (named !== undefined && named !== 'bundled') return undefined
  for (const bundled of await bundledChromium()) if (await starts(bundled)) return bundled
  return undefined
}

/** What lies in such a place may be a mere hint how to install it, or lack a library. */
async function starts({ path, env }: Chromium): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { env: { ...process.env, ...env } })
    return /Chrom/.test(stdout)
  } catch {
    return false
  }
}
