/**
 * A mesh in which each peer compares meanings with an embedder of its own: words, a model in a worker, a model at an
 * endpoint. All find all by words; who runs a model finds what means the same in others; no two spaces are compared.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedder } from '@amp-mesh/agents/node'
import { type Candidate, LexicalEmbedder } from '@amp-mesh/discovery'
import type { Peer } from '@amp-mesh/peer'
import type { Agent } from '@amp-mesh/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writeTinyModel } from '../fixtures/tiny-model.ts'
import { endpoint, json } from '../unit/agents/http-endpoint.ts'
import { until } from '../until.ts'
import { Village } from './village.ts'

const agent = (name: string, text: string): Agent => ({ name, capabilities: [{ text }], contribute: async () => {} })

/** Each vector has one dimension for each of these, and one for all texts. */
const TOPICS = [/rain|weather|umbrella/, /contract|lawyer|clause/, /hotel|sleep|accommodation/]

/** An endpoint whose model knows three topics. */
const topical = () =>
  endpoint((response, request, body) => {
    const { input } = JSON.parse(body) as { input: string[] }
    const data = input.map((text, index) => ({
      index,
      embedding: [0.5, ...TOPICS.map(topic => (topic.test(text.toLowerCase()) ? 1 : 0)), (text.length % 7) / 20],
    }))
    json({ object: 'list', data })(response, request, body)
  })

async function first(peer: Peer, request: string): Promise<Candidate | undefined> {
  const candidates = peer.find(request, { limit: 1 })
  for await (const candidate of candidates) return candidate
  return undefined
}

const nameOf = (candidate: Candidate | undefined) => candidate?.agent.split('/').at(-1)

describe('a mesh of three embedders', () => {
  it('[P4.embedders] finds across them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'amp-three-'))
    const ended = new AbortController()
    const village = await Village.found()
    onTestFinished(async () => {
      await village.close()
      ended.abort()
      // vectors are still written down
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    })
    const { url } = await topical()
    const env = { OPENAI_BASE_URL: url }
    await writeTinyModel(join(folder, 'tiny'))
    const open = (name: string) => openEmbedder(name, { env, folder, signal: ended.signal })
    const tiny = await open(`transformers:${join(folder, 'tiny')}`)
    const twin = await open(`transformers:${join(folder, 'tiny')}`)
    const remote = await open('openai:topical')

    const words = await village.peer('words', [agent('inn', 'Reserves a hotel room')])
    const local = await village.peer('local', [agent('law', 'Reads a contract, each clause of it')], { embedder: tiny })
    const distant = await village.peer('distant', [agent('sky', 'Weather forecast')], { embedder: remote })
    const other = await village.peer('other', [agent('kitchen', 'Knows a recipe for soup')], { embedder: twin })
    const peers = [words, local, distant, other]
    await village.gathered()
    expect(new Set(peers.map(peer => peer.embedder.id)).size).toBe(3)

    const own = new Map([
      ['inn', 'reserve a hotel'],
      ['law', 'read my contract'],
      ['sky', 'forecast the weather'],
      ['kitchen', 'a soup recipe'],
    ])
    for (const peer of peers)
      for (const [name, request] of own)
        await until(`${name} is found by words`, async () => nameOf(await first(peer, request)) === name)

    // not one word in common: only a model knows
    const where = 'accommodation'
    for (const peer of [local, distant, other]) expect(nameOf(await first(peer, where))).toBe('inn')
    expect(nameOf(await first(words, 'umbrella'))).not.toBe('sky')
    for (const peer of [local, distant, other]) expect(nameOf(await first(peer, 'umbrella'))).toBe('sky')

    // vectors of a model go with the cards of its peers
    const card = (await first(other, 'read my contract'))?.card
    expect(card?.vectors?.space).toBe(twin.id)
    expect((await first(words, 'forecast the weather'))?.card.vectors?.space).toBe(remote.id)
    expect(words.embedder).toBeInstanceOf(LexicalEmbedder)
    expect((await first(distant, 'reserve a hotel'))?.card.vectors).toBeUndefined()
  })
})
