/** Concept keys: a card and a request that share no word meet where a neural embedder says that they mean the same. */
import { DISCOVERY_LIMITS, type Embedder, toBase64url } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import {
  CardIndex,
  CardReader,
  Codebook,
  find,
  LexicalEmbedder,
  toInt8,
} from '../../../../packages/discovery/src/index.ts'
import { chance } from '../../../simulation/discovery/chance.ts'
import { SimulatedMesh, type SimulatedPeer } from '../../../simulation/discovery/simulated-mesh.ts'
import { VirtualClock } from '../../../simulation/discovery/virtual-clock.ts'
import { verifyOnce } from '../../../simulation/space.ts'
import { cardOf, directory, MESH, NOW, peerId, sign } from '../mesh.ts'

const DIMENSIONS = 64
const MEANINGS = [
  ['kutsche', 'droschke'],
  ['brot', 'semmel'],
]

/** Knows two meanings; all other texts lie anywhere. */
class Meanings implements Embedder {
  readonly id = 'meanings/1'
  readonly dimensions = DIMENSIONS
  fails = false

  async embed(texts: readonly string[]) {
    if (this.fails) throw new Error('no model today')
    return texts.map(text => {
      const meaning = MEANINGS.findIndex(words => words.some(word => text.toLowerCase().includes(word)))
      const seed = meaning < 0 ? [...text].reduce((sum, letter) => 31 * sum + letter.charCodeAt(0), 7) : meaning
      const random = chance(seed)
      return Float32Array.from({ length: DIMENSIONS }, () => (random() - 0.5) / 4)
    })
  }
}

/** A mesh in which somebody makes coaches and somebody bakes, and whom the request finds. */
async function found(request: string, codebook: Codebook | undefined, embedder: Embedder) {
  const clock = new VirtualClock(NOW)
  const reader = new CardReader({ mesh: MESH, verify: verifyOnce, clock })
  const mesh = new SimulatedMesh({ seed: 1, clock, mesh: MESH, read: signed => reader.read(signed) })
  for (let n = 1; n <= 8; n++) mesh.add(peerId(n))
  const never = new AbortController().signal
  for (const [n, name, capability] of [
    [1, 'wagner', 'Baut eine Droschke'],
    [2, 'baecker', 'Liefert Semmel'],
  ] as const) {
    const [vector = new Float32Array()] = await embedder.embed([capability])
    const whole = toInt8(vector)
    const vectors = { space: embedder.id, data: [toBase64url(new Uint8Array(whole.buffer))] }
    const held = reader.read(await sign(n, cardOf(n, name, [capability], { vectors })))
    const concepts = codebook?.nearest(whole, DISCOVERY_LIMITS.conceptsPerCard) ?? []
    const peer = mesh.peer(peerId(n)) as SimulatedPeer
    peer.publication.update(held === undefined ? [] : [{ ...held, concepts }])
    await clock.until(peer.publication.publish(never))
  }
  const index = new CardIndex({ embedder })
  const asker = mesh.peer(peerId(8)) as SimulatedPeer
  const ports = { ...asker.ports(), directory: directory(clock), index, foundIndex: new CardIndex({ embedder }) }
  const all = await clock.until(Array.fromAsync(find(request, { ...ports, codebook, minScore: 0.1 })))
  return all.map(({ agent, key }) => [agent.split('/').at(-1), key?.split('/')[0]])
}

describe('a codebook', () => {
  it('finds by meaning what shares no word, beside what does', async () => {
    const embedder = new Meanings()
    const codebook = Codebook.of(embedder)
    expect(await found('Kutsche', undefined, embedder)).toEqual([])
    await codebook?.prepare()
    expect(await found('Kutsche', codebook, embedder)).toEqual([['wagner', '#meanings']])
    expect(await found('Semmel', codebook, embedder)).toHaveLength(1)
  })

  it('is missing, and no more, while the model cannot be had', async () => {
    const embedder = new Meanings()
    const codebook = Codebook.of(embedder)
    embedder.fails = true
    await expect(codebook?.prepare()).rejects.toThrow('no model today')
    expect(codebook?.nearest(new Float32Array(DIMENSIONS), 2)).toEqual([])
    embedder.fails = false
    await codebook?.prepare()
    expect(codebook?.nearest(new Float32Array(DIMENSIONS), 2)).toHaveLength(2)
  })

  it('is none of the built-in embedder, whose words are keys themselves', () => {
    expect(Codebook.of(new LexicalEmbedder())).toBeUndefined()
  })
})
