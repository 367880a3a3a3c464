/** Embedders in a real tab: the built-in one bit for bit as in Node, and a model in a web worker, with no hub. */
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { openEmbedder } from '@amp-mesh/agents/node'
import { cosine, LexicalEmbedder } from '@amp-mesh/discovery'
import { sha256, toBase64url } from '@amp-mesh/protocol'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeTinyModel } from '../fixtures/tiny-model.ts'
import { bundledPage } from './bundle.ts'
import { chromiumPath, launchChromium, withChromium } from './chromium.ts'
import type { EmbedderPage } from './embedder-page/main.ts'

const ORT = resolve(import.meta.dirname, '../../node_modules/onnxruntime-web/dist')
const TYPES: Readonly<Record<string, string>> = { '.mjs': 'text/javascript', '.wasm': 'application/wasm' }

const ask = <C extends keyof EmbedderPage>(page: Page, call: C, ...args: Parameters<EmbedderPage[C]>) =>
  page.evaluate(
    ([name, given]) => {
      const { embedders } = window as Window & { embedders?: Record<string, (...args: unknown[]) => unknown> }
      return embedders?.[name]?.(...given)
    },
    [call, args] as [string, unknown[]],
  ) as Promise<Awaited<ReturnType<EmbedderPage[C]>>>

describe.skipIf(chromiumPath === undefined)(`embedders in a tab${withChromium}`, () => {
  let folder = ''
  let page: Page
  const requested: string[] = []
  const cleanUp: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amp-embedders-'))
    await writeTinyModel(join(folder, 'tiny'))
    const bundle = await bundledPage(resolve(import.meta.dirname, 'embedder-page'))
    const server = createServer((request, response) => {
      const path = request.url?.split('?', 1)[0] ?? '/'
      const [, place, ...rest] = path.split('/')
      const root = place === 'models' ? folder : place === 'ort' ? ORT : undefined
      if (root === undefined) return bundle(request, response)
      const type = TYPES[extname(path)] ?? 'application/octet-stream'
      readFile(join(root, ...rest)).then(
        bytes => response.writeHead(200, { 'content-type': type }).end(bytes),
        () => response.writeHead(404).end(),
      )
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    const browser = await launchChromium()
    cleanUp.push(
      () => browser.close(),
      () => new Promise(done => server.close(done)),
      () => rm(folder, { recursive: true, force: true }),
    )
    page = await (await browser.newContext()).newPage()
    page.on('request', request => requested.push(request.url()))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await page.waitForFunction(() => 'embedders' in window)
  })
  afterAll(async () => {
    for (const action of cleanUp) await action()
  })

  it('[G2.embedder] gives the golden vectors, and the same bits as Node', async () => {
    const file = new URL('../vectors/embedder.json', import.meta.url)
    const golden = JSON.parse(readFileSync(file, 'utf8')) as { vectors: { text: string; sha256: string }[] }
    const texts = golden.vectors.map(({ text }) => text)
    expect(texts.length).toBeGreaterThan(10)
    expect(await ask(page, 'golden', texts)).toEqual(golden.vectors.map(vector => vector.sha256))
    const embedder = new LexicalEmbedder()
    const inNode = texts.map(text => toBase64url(sha256(new Uint8Array(embedder.embedText(text).buffer))))
    expect(await ask(page, 'bits', texts)).toEqual(inNode)
  })

  it('runs a model in a web worker, in the same space as in Node', async () => {
    const texts = ['where can i sleep', 'accommodation', 'rain, and an umbrella']
    const { id, vectors } = await ask(page, 'transformers', 'tiny', texts)
    const node = await openEmbedder(`transformers:${join(folder, 'tiny')}`, { folder })
    expect(id).toBe(node.id)
    for (const [i, vector] of (await node.embed(texts)).entries())
      expect(cosine(vectors[i] ?? [], vector)).toBeGreaterThan(0.9999)
    expect(cosine(vectors[0] ?? [], vectors[1] ?? [])).toBeGreaterThan(0.7)
    const here = new URL(page.url()).host
    expect(requested.filter(url => !url.startsWith('blob:') && new URL(url).host !== here)).toEqual([])
  })
})
