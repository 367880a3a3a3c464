/**
 * What a stranger gets: the packages built, packed, installed from their tarballs in an empty folder, and used there.
 */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT, workspacePackages } from '../source-tree.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'amp-mesh-package-'))
const app = join(folder, 'app')
/** npm and the installed command run on the Node that runs this test. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }
const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')

/** What a peer does with its page, without the peer. */
const PAGE = `
import { createServer } from 'node:http'
import { pageSite } from '@amp-mesh/web'
const server = createServer(pageSite().handler).listen(0, '127.0.0.1', async () => {
  const at = path => fetch(new URL(path, 'http://127.0.0.1:' + server.address().port))
  const page = await at('/')
  const text = await page.text()
  const script = await at(/src="(.*?[.]js)"/.exec(text)[1])
  const title = /<title>(.*?)</.exec(text)[1]
  const policy = page.headers.get('content-security-policy')
  console.log(JSON.stringify({ policy, title, script: script.headers.get('content-type') }))
  server.close()
  server.closeAllConnections()
})`

/** Without the library there is a word on it, and the built-in embedder. */
const EMBEDDER = `
import { openEmbedder } from '@amp-mesh/agents/node'
let why
const onFallback = told => (why = told)
const { dimensions } = await openEmbedder('transformers:any', { folder: process.argv[2], onFallback })
console.log(JSON.stringify({ why, dimensions }))`

/** A draft has a worker of its own: it must be found among the built files. */
const DRAFT = `
import { createPeer } from 'amp-mesh'
const peer = await createPeer({ name: 'writer', mesh: 'drafts', dataDir: process.argv[2] })
const space = await peer.createSpace({ name: 'writing', members: [] })
const drafts = await peer.drafts()
const { id } = await drafts.begin(space, 'Report')
const draft = drafts.open(space, id)
const doc = await draft.document()
doc.getText('content').insert(0, 'Together.')
await draft.flush()
console.log(await draft.text(), space.replica.records.of('edit').length)
await peer.stop()`

beforeAll(async () => {
  const built = join(folder, 'dist')
  await run(process.execPath, [join(ROOT, 'scripts/build.ts'), '--out', built])
  const packages = readdirSync(built).map(name => join(built, name))
  await run('npm', ['pack', '--silent', '--pack-destination', folder, ...packages], { env })
  const tarballs = readdirSync(folder).filter(name => name.endsWith('.tgz'))
  expect(tarballs).toHaveLength(workspacePackages().length)
  await run('mkdir', [app])
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }))
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  await run('npm', ['install', ...quiet, ...tarballs.map(name => join(folder, name))], { cwd: app, env })
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the installed packages', () => {
  it('[P1.packages] have the command', async () => {
    const { stdout } = await run(join(app, 'node_modules/.bin/amp-mesh'), ['--help'], { cwd: app, env })
    for (const word of ['demo', 'peer', 'ask', 'find', 'watch', 'doctor', 'keys']) expect(stdout).toContain(word)
  })

  it('[P1.peers] let two peers meet, and one find the agent of the other', async () => {
    copyFileSync(join(import.meta.dirname, 'two-peers.js'), join(app, 'two-peers.js'))
    const { stdout } = await run(process.execPath, ['two-peers.js', join(folder, 'data')], {
      cwd: app,
      timeout: 40_000,
    })
    const { found, on } = JSON.parse(stdout) as { found: string; on: string }
    expect(found).toBe(`amp://${on}/historian`)
  })

  it('[P1.packages] serve the page, already built', async () => {
    writeFileSync(join(app, 'page.js'), PAGE)
    const { stdout } = await run(process.execPath, ['page.js'], { cwd: app, timeout: 40_000 })
    const { policy, title, script } = JSON.parse(stdout) as Record<string, string>
    expect(policy).toContain("script-src 'self'")
    expect(title).toBe('amp-mesh')
    expect(script).toMatch(/^text\/javascript/)
  })

  it('[P1.packages] write drafts in workers', async () => {
    writeFileSync(join(app, 'draft.js'), DRAFT)
    const { stdout } = await run(process.execPath, ['draft.js', join(folder, 'data')], { cwd: app, timeout: 40_000 })
    expect(stdout.trim()).toBe('Together. 1')
  })

  it('[P1.packages] stay small: models come when they are asked for, and who asks is told how', async () => {
    for (const name of ['@huggingface', 'onnxruntime-node', 'onnxruntime-web'])
      expect(readdirSync(join(app, 'node_modules'))).not.toContain(name)
    writeFileSync(join(app, 'embedder.js'), EMBEDDER)
    const { stdout } = await run(process.execPath, ['embedder.js', folder], { cwd: app, timeout: 40_000 })
    expect(JSON.parse(stdout)).toEqual({
      why: 'the library for local models is not installed: npm install @huggingface/transformers',
      dimensions: 1_024,
    })
    const tab = join(app, 'node_modules/@amp-mesh/agents/lib/browser')
    expect(readFileSync(join(tab, 'transformers-worker.js'), 'utf8')).toContain("'./transformers-worker-main.js'")
    expect(readdirSync(tab)).toContain('transformers-worker-main.js')
  })

  it('[P1.packages] hold JavaScript and declarations, no sources, and the licence', () => {
    for (const { name } of workspacePackages()) {
      const files = readdirSync(join(app, 'node_modules', name), { recursive: true, encoding: 'utf8' })
      expect(files).toContain('LICENSE')
      expect(files).toContain(join('lib', 'index.js'))
      expect(files.filter(file => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))).toEqual([])
      const manifest = readFileSync(join(app, 'node_modules', name, 'package.json'), 'utf8')
      expect(manifest).not.toMatch(/\.\/src\/|(file|workspace):/)
    }
  })

  it('[P1.packages] bring their types along', async () => {
    writeFileSync(
      join(app, 'typed.ts'),
      `import { encodeMessage } from '@amp-mesh/protocol'
       export const bytes: Uint8Array = encodeMessage({ type: 'ping', n: 1 })
       // @ts-expect-error there is no such type of message
       encodeMessage({ type: 'no such type' })`,
    )
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck']
    await run(process.execPath, [tsc, ...options, '--types', '', 'typed.ts'], { cwd: app })
  })
})
