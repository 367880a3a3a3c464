/** The built page: found, or built on first use, and held in memory, so that no path of a request reaches the disk. */
import { execFile } from 'node:child_process'
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { AmpError } from '@amp-mesh/protocol'

export interface PageFile {
  readonly bytes: Uint8Array
  readonly gzipped: Uint8Array
  readonly type: string
  /** Its name has its hash in it. */
  readonly isImmutable: boolean
}

/** By path, e.g. `/index.html`. */
export type PageFiles = ReadonlyMap<string, PageFile>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const HOME = fileURLToPath(new URL('../../', import.meta.url))
const BUILT = join(HOME, 'dist', 'page')
/** In the workspace the sources are there, and may be newer than what was built. */
const IS_WORKSPACE = import.meta.url.endsWith('.ts')
/** A build takes some seconds; after this it hangs, ms. */
const BUILD_MS = 120_000

/** Rejects with `internal` when the page cannot be built. */
export async function pageFiles(): Promise<PageFiles> {
  if (IS_WORKSPACE && (await isStale())) return build()
  return readFiles(BUILT)
}

/** Some source was written after the page was built. */
async function isStale(): Promise<boolean> {
  const built = await stat(join(BUILT, 'index.html')).catch(() => undefined)
  if (built === undefined) return true
  const sources = ['packages', 'protocol'].map(folder => join(HOME, '../..', folder))
  for (const folder of sources)
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || /[\\/](node_modules|dist)([\\/]|$)/.test(entry.parentPath)) continue
      if ((await stat(join(entry.parentPath, entry.name))).mtimeMs > built.mtimeMs) return true
    }
  return false
}

/** Beside the built one first: another process may be reading that, or building too. */
async function build(): Promise<PageFiles> {
  const folder = join(HOME, 'dist', `building-${process.pid}`)
  const vite = join(createRequire(import.meta.url).resolve('vite/package.json'), '../bin/vite.js')
  const args = [vite, 'build', HOME, '--outDir', folder, '--emptyOutDir', '--logLevel', 'error']
  try {
    await promisify(execFile)(process.execPath, args, { timeout: BUILD_MS })
    const files = await readFiles(folder)
    await rm(BUILT, { recursive: true, force: true })
    await rename(folder, BUILT).catch(() => {}) // another process was faster: its page is the same
    return files
  } catch (error) {
    throw new AmpError('internal', 'the page could not be built; run `npm ci`, then try again', String(error), error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readFiles(folder: string): Promise<PageFiles> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = new Map<string, PageFile>()
  for (const entry of names) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(folder.length).split(sep).join('/')
    const bytes = await readFile(file)
    files.set(path, { bytes, gzipped: await promisify(gzip)(bytes), type, isImmutable: path.startsWith('/assets/') })
  }
  return files
}
