/** The embedder on @huggingface/transformers, with its real pipeline and a real ONNX model that is made here. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformersEmbedder } from '@amp-mesh/agents'
import { openEmbedder, transformersWorker } from '@amp-mesh/agents/node'
import { cosine, LexicalEmbedder } from '@amp-mesh/discovery'
import { systemClock } from '@amp-mesh/peer/node'
import { EMBEDDER_LIMITS } from '@amp-mesh/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EmbedderWorker, FromWorker, ToWorker } from '../../../packages/agents/src/embedder/embedder-messages.ts'
import { writeTinyModel } from '../../fixtures/tiny-model.ts'
import { TestClock } from '../discovery/mesh.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amp-tiny-'))
  await writeTinyModel(join(folder, 'tiny'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the transformers embedder', () => {
  it('runs a model in a worker: what means the same is near, what does not is not', async () => {
    const ended = new AbortController()
    const progress: number[] = []
    const embedder = await openEmbedder(`transformers:${join(folder, 'tiny')}`, {
      folder,
      onProgress: loaded => progress.push(loaded),
      signal: ended.signal,
    })
    expect(embedder.id).toMatch(/^transformers:tiny:q8\/centred\/[0-9a-f]{8}$/)
    expect(embedder.dimensions).toBe(32)
    expect(progress.at(-1)).toBeGreaterThan(5_000)
    const texts = ['where can i sleep', 'accommodation', 'rain, and an umbrella']
    const [asked, near, far] = await embedder.embed([...texts, ...Array<string>(40).fill('the legal clause')])
    expect(cosine(asked ?? [], near ?? [])).toBeGreaterThan(0.7)
    expect(cosine(asked ?? [], far ?? [])).toBeLessThan(0.3)
    expect(Math.hypot(...(asked ?? []))).toBeCloseTo(1, 5)
    expect(await embedder.embed([])).toEqual([])
    const again = await embedder.embed(['where can i sleep'])
    expect(cosine(again[0] ?? [], asked ?? [])).toBeCloseTo(1, 5)
    await expect(embedder.embed(['a'], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    ended.abort(new Error('the peer stopped'))
    await expect(embedder.embed(['a'])).rejects.toThrow('the peer stopped')
  })

  it('says what is wrong and falls back to words when there is no such model', async () => {
    const troubles: string[] = []
    const broken = join(folder, 'broken')
    await writeTinyModel(broken)
    await rm(join(broken, 'onnx'), { recursive: true })
    const embedder = await openEmbedder(`transformers:${broken}`, { folder, onFallback: why => troubles.push(why) })
    expect(embedder).toBeInstanceOf(LexicalEmbedder)
    expect(troubles).toHaveLength(1)
    expect(troubles[0]).toContain('the embedding model broken can’t be loaded')
    await expect(openEmbedder('word2vec')).rejects.toThrow('auto, lexical, transformers:<model> or openai:<model>')
    expect(await openEmbedder('auto', { folder })).toBeInstanceOf(LexicalEmbedder)
    await writeTinyModel(join(folder, 'models', 'Xenova/all-MiniLM-L6-v2')) // downloaded before
    expect((await openEmbedder('auto', { folder })).id).toContain('transformers:Xenova/all-MiniLM-L6-v2')
  })

  it('puts a new worker in the place of one that has grown', async () => {
    const { workers, options } = scripted(message => {
      if (message.do === 'load') return { did: 'load' }
      const memory = workers.length === 1 && (workers[0]?.asked ?? 0) > 2 ? 2 * EMBEDDER_LIMITS.growth : 1
      return { did: 'embed', numbers: numbersFor(message.texts), memory }
    })
    const embedder = await transformersEmbedder({ ...options, clock: systemClock })
    for (let i = 0; i < 3; i++) expect(await embedder.embed([`text ${i}`])).toHaveLength(1)
    expect(workers.map(({ ended }) => ended)).toEqual([true, false])
  })

  it('gives up on a worker that hangs, and starts another for the next batch', async () => {
    const clock = new TestClock()
    let hangs = false
    const { workers, options } = scripted(message => {
      if (message.do === 'load') return { did: 'load' }
      return hangs ? undefined : { did: 'embed', numbers: numbersFor(message.texts), memory: 0 }
    })
    const embedder = await transformersEmbedder({ ...options, clock })
    hangs = true
    const stuck = expect(embedder.embed(['one'])).rejects.toThrow('said nothing for 60 s')
    const waiting = embedder.embed(['two'])
    await clock.advance(1)
    hangs = false
    await clock.advance(EMBEDDER_LIMITS.batchMs)
    await stuck
    expect(await waiting).toHaveLength(1)
    expect(workers.map(({ ended }) => ended)).toEqual([true, false])
    workers[1]?.say({ did: 'fail', message: 'the worker ended with code 1' })
    expect(await embedder.embed(['three'])).toHaveLength(1)
  })

  it('ends its thread when its signal aborts while a model loads', async () => {
    const ended = AbortSignal.abort(new Error('stopped'))
    const options = { model: 'tiny', localPath: folder, clock: systemClock, startWorker: transformersWorker }
    await expect(transformersEmbedder({ ...options, signal: ended })).rejects.toThrow('stopped')
  })
})

/** Three numbers a text. */
const numbersFor = (texts: readonly string[]) =>
  Float32Array.from(texts.flatMap(text => [text.length, text.charCodeAt(0), 1]))

/** Workers that answer as told: the library can't be made to grow or hang at will. */
function scripted(answer: (message: ToWorker) => FromWorker | undefined) {
  const workers: { ended: boolean; asked: number; say(answer: FromWorker): void }[] = []
  const startWorker = (): EmbedderWorker => {
    let listener: (answer: FromWorker) => void = () => {}
    const worker = { ended: false, asked: 0, say: (answer: FromWorker) => listener(answer) }
    workers.push(worker)
    return {
      post(message) {
        worker.asked++
        const said = answer(message)
        if (said !== undefined) queueMicrotask(() => listener(said))
      },
      onAnswer(given) {
        listener = given
      },
      terminate() {
        worker.ended = true
      },
    }
  }
  return { workers, options: { model: 'scripted', startWorker } }
}
