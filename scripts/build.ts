/**
 * Makes publishable packages: ESM, declarations and a manifest for each, in `dist/<package>/`. `--out <folder>`
 * elsewhere.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { commandLine } from './command-line.ts'

interface Manifest {
  name: string
  version: string
  description?: string
  license?: string
  workspaces?: string[]
  exports?: Record<string, string>
  bin?: Record<string, string>
  dependencies?: Record<string, string>
}

const ROOT = resolve(import.meta.dirname, '..')
/** The conformance kit has them beside it. */
const GATEWAY_VECTORS = join(ROOT, 'test/vectors/gateway.json')
/** What libp2p 3 needs. */
const ENGINES = { node: '>=22' }

const { values } = commandLine(import.meta.url, { out: join(ROOT, 'dist') })
const out = resolve(values.out)
const folders = manifestOf(ROOT).workspaces ?? []

rmSync(out, { recursive: true, force: true })
const emitted = compile()
for (const folder of folders) assemble(folder)
rmSync(emitted, { recursive: true })

/** One compiler run over all packages, which see each other's sources; returns the folder of what it wrote. */
function compile(): string {
  const target = join(out, '.emitted')
  mkdirSync(target, { recursive: true })
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      noCheck: true, // `npm run check` does
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: ROOT,
      outDir: target,
      typeRoots: [join(ROOT, 'node_modules/@types')],
    },
    include: folders.map(folder => join(ROOT, folder, 'src')),
    exclude: [],
  }
  const file = join(target, 'tsconfig.json')
  writeFileSync(file, JSON.stringify(config))
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', file]
  const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  return target
}

/** `dist/<package>/`: lib with the code, data files beside it, licence, README and a manifest that names them. */
function assemble(folder: string): void {
  const from = join(ROOT, folder)
  const to = join(out, basename(folder))
  const source = manifestOf(from)
  mkdirSync(to, { recursive: true })
  renameSync(join(emitted, folder, 'src'), join(to, 'lib'))
  nameBuiltWorkers(join(to, 'lib'))
  cpSync(join(from, 'src'), join(to, 'lib'), { recursive: true, filter: path => !/\.tsx?$/.test(path) })
  if (existsSync(join(to, 'lib/conformance'))) cpSync(GATEWAY_VECTORS, join(to, 'lib/conformance/gateway.json'))
  if (hasPage(from)) bundlePage(from, to)
  cpSync(join(ROOT, 'LICENSE'), join(to, 'LICENSE'))
  const readme = [join(from, 'README.md'), join(ROOT, 'README.md')].find(existsSync)
  if (readme !== undefined) cpSync(readme, join(to, 'README.md'))
  const manifest = {
    ...source,
    exports: mapValues(source.exports, path => ({ types: built(path, '.d.ts'), default: built(path, '.js') })),
    ...(source.bin && { bin: mapValues(source.bin, path => built(path, '.js')) }),
    files: hasPage(from) ? ['lib', 'dist'] : ['lib'],
    engines: ENGINES,
    publishConfig: { access: 'public' },
  }
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Bundlers look for the address of a worker written out, and the compiler rewrites imports alone. */
function nameBuiltWorkers(lib: string): void {
  for (const name of readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.js'))) {
    const file = join(lib, name)
    const code = readFileSync(file, 'utf8')
    const named = code.replaceAll(
      /new URL\('(\.\/[\w-]+)\.ts', import\.meta\.url\)/g,
      "new URL('$1.js', import.meta.url)",
    )
    if (named !== code) writeFileSync(file, named)
  }
}

function hasPage(folder: string): boolean {
  return existsSync(join(folder, 'vite.config.ts'))
}

/** The page, as its package looks for it: beside `lib`, in `dist/page`. */
function bundlePage(folder: string, to: string): void {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  const args = [vite, 'build', folder, '--outDir', join(to, 'dist/page'), '--emptyOutDir', '--logLevel', 'warn']
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** `./src/x.ts` as it is called in the built package. */
function built(path: string, extension: string): string {
  return path.replace(/^\.\/src\//, './lib/').replace(/\.ts$/, extension)
}

function mapValues<A, B>(record: Record<string, A> = {}, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}
