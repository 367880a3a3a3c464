/**
 * Bundles the programs that tests start, once a run: of the 1.8 CPU seconds in which a peer starts, finding and reading
 * its 1,300 modules takes nearly one, and a run starts some sixty.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin, type Rolldown } from 'vite'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CACHE = join(ROOT, 'node_modules/.cache')
const DAY_MS = 24 * 60 * 60_000

const PROGRAMS = [
  'packages/cli/src/main.ts',
  'examples/release-review/src/index.ts',
  ...readdirSync(join(ROOT, 'examples/release-review/src/agents')).map(
    name => `examples/release-review/src/agents/${name}`,
  ),
  'test/attacks/victim-main.ts',
  'test/chaos/auditor-main.ts',
  'test/chaos/member-main.ts',
  'test/fixtures/audit.ts',
  'test/fuzz/victim-main.ts',
  'test/scenarios/nat-member.ts',
  'test/scenarios/partition-member.ts',
  'test/scenarios/peer-main.ts',
  'test/scenarios/store-writer.ts',
]

/** With native code, or for whoever installs them. */
const EXTERNAL = ['classic-level', 'node-datachannel', '@libp2p/webrtc', '@huggingface/transformers', 'vite']

/** Once: what starts many runs may do it for all of them. */
export default async function setup(): Promise<void> {
  if (process.env.AMP_PROGRAMS !== undefined) return
  const { output } = await bundle()
  const texts = output.map(file => ({ name: file.fileName, text: file.type === 'chunk' ? file.code : file.source }))
  const hash = createHash('sha256')
  for (const { name, text } of texts) hash.update(name).update(text)
  process.env.AMP_PROGRAMS = await kept(`programs-${hash.digest('hex').slice(0, 16)}`, texts)
}

const bundle = () =>
  build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    plugins: [whereItWas()],
    ssr: { noExternal: true, external: EXTERNAL },
    build: {
      ssr: true,
      write: false,
      target: 'es2024',
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(PROGRAMS.map(file => [file.replace(/\.ts$/, ''), join(ROOT, file)])),
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  }) as Promise<Rolldown.RolldownOutput>

/** A folder of these files, whole or not at all: another run may be writing the same. */
async function kept(name: string, files: { name: string; text: string | Uint8Array }[]): Promise<string> {
  await mkdir(CACHE, { recursive: true })
  await dropUnused()
  const folder = join(CACHE, name)
  if (existsSync(folder)) {
    await utimes(folder, new Date(), new Date())
    return folder
  }
  const draft = await mkdtemp(join(CACHE, 'draft-'))
  for (const { name, text } of [...files, { name: 'package.json', text: '{"type":"module"}' }]) {
    await mkdir(dirname(join(draft, name)), { recursive: true })
    await writeFile(join(draft, name), text)
  }
  await rename(draft, folder).catch(() => rm(draft, { recursive: true }))
  return folder
}

/** Bundles of earlier sources; one that was used today may be in use. Another run may be dropping the same. */
async function dropUnused(): Promise<void> {
  const files = await readdir(CACHE)
  for (const name of files.filter(name => name.startsWith('programs-'))) {
    const folder = await stat(join(CACHE, name)).catch(() => undefined)
    if (folder !== undefined && Date.now() - folder.mtimeMs > DAY_MS)
      await rm(join(CACHE, name), { recursive: true, force: true })
  }
}

/** Where the command looks for the agents of its demo. */
const DEMO = /import\.meta\.resolve\(['"]@amp-mesh\/example-release-review['"]\)/

/**
 * A module finds what lies beside it (workers, manifests, the page) where its source lies; the command finds the agents
 * of its demo bundled.
 */
function whereItWas(): Plugin {
  let isDemoFound = false
  return {
    name: 'where-it-was',
    transform(code, id) {
      if (id.includes('/node_modules/') || !code.includes('import.meta.')) return undefined
      const meta = { url: pathToFileURL(id).href, dirname: dirname(id), filename: id }
      isDemoFound ||= DEMO.test(code)
      return code
        .replaceAll(/\bimport\.meta\.(url|dirname|filename)\b/g, (_, name: keyof typeof meta) =>
          JSON.stringify(meta[name]),
        )
        .replace(DEMO, "new URL('../examples/release-review/src/index.js', import.meta.url).href")
    },
    buildEnd(error) {
      if (error === undefined && !isDemoFound)
        this.error(`no module says ${DEMO}: the demo would start its agents from source`)
    },
  }
}
