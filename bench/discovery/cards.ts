/** Descriptions as cards of agents, and a peer's index of them: what a peer of amp-mesh would find. */
import { AGENT_LIMITS, type AgentCard, agentIdOf, type Embedder, peerIdOf, sha256, utf8 } from '@amp-mesh/protocol'
import { CardIndex, tokenize } from '../../packages/discovery/src/index.ts'
import type { Search } from './recall.ts'
import type { Description } from './tasks.ts'

/** Which part of the evidence may count. */
export type Evidence = 'words' | 'vectors' | 'both'

/** The search of a peer whose directory holds these descriptions, each as the card of an agent of one capability. */
export function searchOf(index: CardIndex, evidence: Evidence): Search {
  return async text => {
    const request = evidence === 'words' ? wordsAlone(text, index.embedder) : await index.request(text)
    const ranked = await index.search(evidence === 'vectors' ? { ...request, text: '' } : request, { limit: 100 })
    return ranked.map(({ card, score }) => ({ at: card.seq, score }))
  }
}

export async function indexOf(cards: readonly AgentCard[], embedder: Embedder): Promise<CardIndex> {
  const index = new CardIndex({ embedder, cards: cards.length })
  for (const card of cards) index.put(card)
  await index.settle()
  return index
}

const wordsAlone = (text: string, { dimensions }: Embedder) => ({ text, vector: new Float32Array(dimensions) })

/** `at`: position of the description, and the `seq` of its card. */
export function cardOf({ name, description, smallPrint: { parameters, tags } }: Description, at: number): AgentCard {
  const text = description.slice(0, AGENT_LIMITS.capabilityLength)
  const capability = {
    text: text === '' ? name : text,
    ...(parameters !== '' && { parameters: parameters.slice(0, AGENT_LIMITS.parametersLength) }),
    ...(tags.length > 0 && { tags: tags.slice(0, 16).map(tag => tag.slice(0, AGENT_LIMITS.tagLength)) }),
  }
  // what an agent's name can't say, and what is too long for a capability
  const rest = [hasForeignScript(name) ? name : '', description.slice(text.length, text.length + 512)].join(' ').trim()
  return {
    v: 1,
    mesh: '',
    agent: agentIdOf(peerIdOf(sha256(utf8(`${at}`))), agentNameOf(name)),
    ...(rest !== '' && { description: rest }),
    capabilities: [capability],
    operator: '',
    model: '',
    state: 'ready',
    addresses: [],
    seq: at,
    issued: 0,
    expires: Number.MAX_SAFE_INTEGER,
  }
}

function agentNameOf(name: string): string {
  const words = tokenize(name).filter(word => /^[a-z0-9]+$/.test(word))
  return words.join('-').slice(0, 64) || 'unnamed'
}

const hasForeignScript = (name: string) => tokenize(name).some(word => /[^a-z0-9]/.test(word))
