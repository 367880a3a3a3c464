/** The embedder on the real `openai` client, against a real HTTP server. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openaiEmbedder } from '@amp-mesh/agents'
import { openEmbedder, vectorFolder } from '@amp-mesh/agents/node'
import { cosine, LexicalEmbedder } from '@amp-mesh/discovery'
import { systemClock } from '@amp-mesh/peer/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Behaviour, endpoint, json } from './http-endpoint.ts'

const KEY = 'sk-very-secret'
const random = { bytes: (length: number) => new Uint8Array(length), float: () => 0 }

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'amp-vectors-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const inputOf = (body: string) => (JSON.parse(body) as { input: string[] }).input

/** A vector of letter counts for each text, in reverse order: only `index` says which is whose. */
const letters: Behaviour = (response, request, body) => {
  const data = inputOf(body).map((text, index) => {
    const embedding = Array.from({ length: 26 }, (_, i) => text.toLowerCase().split(String.fromCharCode(97 + i)).length)
    return { object: 'embedding', index, embedding }
  })
  json({ object: 'list', data: data.reverse(), model: 'letters' })(response, request, body)
}

const open = (baseURL: string, more: Partial<Parameters<typeof openaiEmbedder>[0]> = {}) =>
  openaiEmbedder({ baseURL, apiKey: KEY, model: 'letters', clock: systemClock, random, ...more })

describe('the openai embedder', () => {
  it('embeds in batches, each text once, and pays for none twice', async () => {
    const { url, bodies } = await endpoint(letters)
    const folder = await temporaryFolder()
    const embedder = await open(url, { cache: await vectorFolder(folder) })
    expect(embedder.id).toMatch(/^openai:letters\/centred\/[0-9a-f]{8}$/)
    expect(embedder.dimensions).toBe(26)
    const anchors = bodies.length
    const texts = Array.from({ length: 300 }, (_, i) => `text ${'abcdefghij'.slice(0, i % 10)} ${i % 200}`)
    const vectors = await embedder.embed([...texts, ''])
    expect(vectors).toHaveLength(301)
    expect(bodies.slice(anchors).map(body => inputOf(body).length)).toEqual([128, 73])
    expect(cosine(vectors[0] ?? [], vectors[200] ?? [])).toBeCloseTo(1, 6)
    const before = bodies.length
    const again = await open(url, { cache: await vectorFolder(folder) })
    expect(again.id).toBe(embedder.id)
    expect(await again.embed(texts.slice(0, 5))).toEqual(vectors.slice(0, 5))
    expect(bodies).toHaveLength(before)
  })

  it('tries again while it is worth it, and ends at its deadline', async () => {
    const { url, bodies } = await endpoint(json({ error: { message: 'busy' } }, 503), letters)
    const embedder = await open(url)
    expect(bodies).toHaveLength(2)
    expect(await embedder.embed(['a'])).toHaveLength(1)
    const silent = await endpoint(() => {})
    await expect(open(silent.url, { deadlineMs: 50 })).rejects.toMatchObject({ code: 'model-failed' })
    const stopped = AbortSignal.abort()
    await expect(embedder.embed(['b'], stopped)).rejects.toMatchObject({ code: 'model-failed' })
  })

  it('takes no nonsense for vectors', async () => {
    const data = (...embeddings: number[][]) => embeddings.map((embedding, index) => ({ index, embedding }))
    for (const answer of [{ data: data([1, 2]) }, { data: [] }, { hello: 'world' }]) {
      const { url } = await endpoint(json(answer))
      await expect(open(url)).rejects.toMatchObject({ code: 'model-failed' })
    }
    const { url } = await endpoint((response, request, body) =>
      json({ data: data(...inputOf(body).map((_, i) => (i === 3 ? [1] : [1, 2]))) })(response, request, body),
    )
    await expect(open(url)).rejects.toThrow('no vectors of one length')
  })

  it('is named on the command line, and gives way to words when its endpoint is out of reach', async () => {
    const { url } = await endpoint(letters)
    const folder = await temporaryFolder()
    const env = { OPENAI_BASE_URL: url, OPENAI_API_KEY: KEY }
    expect((await openEmbedder('openai:letters', { env, folder })).id).toContain('openai:letters')
    const troubles: string[] = []
    const onFallback = (why: string) => troubles.push(why)
    const refused = await endpoint(json({ error: { message: `bad key ${KEY}` } }, 401))
    for (const other of [{}, { ...env, OPENAI_BASE_URL: refused.url }])
      expect(await openEmbedder('openai:other', { env: other, folder, onFallback })).toBeInstanceOf(LexicalEmbedder)
    expect(troubles[0]).toContain('set OPENAI_API_KEY or OPENAI_BASE_URL')
    expect(troubles[1]).toContain('refused the key')
    expect(troubles.join()).not.toContain(KEY)
  })

  it('keeps a bounded folder of vectors: the oldest go', async () => {
    const folder = await temporaryFolder()
    const cache = await vectorFolder(folder, 8)
    for (let i = 0; i < 12; i++) await cache.put(`k${i}`, Float32Array.of(i))
    expect(await readdir(folder)).toHaveLength(8)
    const second = await vectorFolder(folder, 6)
    expect(await readdir(folder)).toHaveLength(4)
    await second.put('k1', Float32Array.of(0.5, -1))
    expect(await second.get('k1')).toEqual(Float32Array.of(0.5, -1))
    expect(await second.get('nowhere')).toBeUndefined()
  })
})
