/** The Chromium that comes with npm for Linux on x64: unpacked once, with the libraries and the fonts beside it. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

/** What is started, and what its environment has besides our own. */
export interface Chromium {
  path: string
  env: Readonly<Record<string, string>>
}

const MODULES = resolve(import.meta.dirname, '../../node_modules')
const PACKAGE = '@sparticuz/chromium'
/** Only where it believes to be in such a place does the package unpack its libraries. */
const WITH_LIBRARIES = { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' }

/** As it starts with the libraries of the system, then as it starts with its own; none where it is not made for. */
export async function bundledChromium(): Promise<Chromium[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return []
  const { version } = JSON.parse(readFileSync(join(MODULES, PACKAGE, 'package.json'), 'utf8')) as { version: string }
  const folder = join(MODULES, '.cache/amp-mesh', `chromium-${version}`)
  if (!existsSync(folder)) await unpack(folder)
  const path = join(folder, 'chromium')
  const env = { FONTCONFIG_FILE: join(folder, 'fonts.conf') }
  return [
    { path, env },
    { path, env: { ...env, LD_LIBRARY_PATH: join(folder, 'al2023/lib') } },
  ]
}

/** Test files run side by side: each unpacks for itself, and the first that is done is the one used. */
async function unpack(folder: string): Promise<void> {
  const parent = resolve(folder, '..')
  await mkdir(parent, { recursive: true })
  const fresh = await mkdtemp(`${folder}-`)
  const script = `import chromium from '${PACKAGE}'; await chromium.executablePath()`
  const env = { ...process.env, ...WITH_LIBRARIES, TMPDIR: fresh }
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: parent, env })
  await writeFile(join(fresh, 'fonts.conf'), fontsConf(folder))
  await rename(fresh, folder).catch(async error => {
    await rm(fresh, { recursive: true })
    if (!existsSync(folder)) throw error
  })
}

const fontsConf = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`
