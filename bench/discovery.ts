/**
 * How well, and how fast, requests find the right descriptions: our ranking beside BM25 in the same run (DISCOVERY.md
 * §1).
 */
import { parseArgs } from 'node:util'
import { type AgentCard, agentIdOf, peerIdOf, sha256, utf8 } from '@amp-mesh/protocol'
import { CardIndex, LexicalEmbedder, tokenize } from '../packages/discovery/src/index.ts'
import { stem } from '../packages/discovery/src/stem.ts'
import { isFunctionWord } from '../packages/discovery/src/word-weights.ts'
import { cardOf } from '../test/unit/discovery/mesh.ts'
import {
  best,
  type Description,
  dataIsHere,
  mean,
  measure,
  readTasks,
  type Search,
  type Task,
} from '../test/unit/discovery/retrieval.ts'

interface Method {
  name: string
  build(task: Task): Promise<Search>
}

interface Row {
  method: string
  recallAt5: number
  mrr: number
  /** Mean time of one request, ms. */
  ms: number
}

const METHODS: Method[] = [
  { name: 'BM25 with stop words', build: async ({ texts }) => bm25(texts) },
  { name: 'static-1024', build: async ({ texts }) => byVector(texts) },
  { name: 'rank (both fused)', build: ({ descriptions }) => byRank(descriptions) },
]

/** `--every n`: each n-th request only (default 4). `--json`: one JSON object a line. */
export default async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean' }, every: { type: 'string', default: '4' } },
  })
  if (!dataIsHere) return console.log('no data: this bench reads ../shared/data/discovery')
  const tasks = readTasks(Number(values.every))
  for (const method of METHODS) {
    const row = await evaluate(method, tasks)
    if (values.json) console.log(JSON.stringify({ bench: 'discovery', ...row }))
    else console.log(lineOf(row))
  }
}

function lineOf({ method, recallAt5, mrr, ms }: Row): string {
  return `${method.padEnd(22)} R@5 ${recallAt5.toFixed(3)}  MRR ${mrr.toFixed(3)}  ${ms.toFixed(2)} ms a request`
}

/** Macro averages: each source against its own descriptions, all sources alike. */
async function evaluate({ name, build }: Method, tasks: readonly Task[]): Promise<Row> {
  const results: Omit<Row, 'method'>[] = []
  for (const task of tasks) {
    const search = await build(task)
    const start = performance.now()
    results.push({ ...(await measure(task, search)), ms: (performance.now() - start) / task.requests.length })
  }
  const average = (field: keyof Omit<Row, 'method'>) => mean(results.map(result => result[field]))
  return { method: name, recallAt5: average('recallAt5'), mrr: average('mrr'), ms: average('ms') }
}

/** BM25, k1 1.2, b 0.75, on an inverted index: the rival. */
function bm25(texts: readonly string[]): Search {
  const [k1, b] = [1.2, 0.75]
  const terms = (text: string) => tokenize(text).flatMap(word => (isFunctionWord(word) ? [] : stem(word)))
  const postings = new Map<string, Map<number, number>>()
  const lengths = texts.map((text, at) => {
    const all = terms(text)
    for (const term of all) {
      const posting = postings.get(term) ?? new Map<number, number>()
      postings.set(term, posting.set(at, (posting.get(at) ?? 0) + 1))
    }
    return all.length
  })
  const usual = mean(lengths)
  return request => {
    const scores = new Float64Array(texts.length)
    for (const term of new Set(terms(request))) {
      const posting = postings.get(term) ?? new Map<number, number>()
      const rarity = Math.log(1 + (texts.length - posting.size + 0.5) / (posting.size + 0.5))
      for (const [at, count] of posting) {
        const norm = k1 * (1 - b + (b * (lengths[at] ?? 0)) / usual)
        scores[at] = (scores[at] ?? 0) + (rarity * count * (k1 + 1)) / (count + norm)
      }
    }
    return best(scores)
  }
}

function byVector(texts: readonly string[]): Search {
  const embedder = new LexicalEmbedder()
  const vectors = texts.map(text => embedder.embedText(text))
  return request => {
    const vector = embedder.embedText(request)
    return best(vectors.map(other => other.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0)))
  }
}

/** Each description as the card of an agent, with its name as the agent's. */
async function byRank(descriptions: readonly Description[]): Promise<Search> {
  const embedder = new LexicalEmbedder()
  const cards = descriptions.map(({ name, description }, i): AgentCard => {
    const peer = peerIdOf(sha256(utf8(`${i}`)))
    return cardOf(1, 'none', [description], { agent: agentIdOf(peer, agentNameOf(name)) })
  })
  const at = new Map(cards.map(({ agent }, i) => [agent, i]))
  const index = new CardIndex({ embedder, cards: cards.length })
  for (const card of cards) index.put(card)
  await index.settle()
  return async request => {
    const ranked = await index.search(await index.request(request), { limit: 100 })
    return ranked.map(({ card }) => at.get(card.agent) ?? -1)
  }
}

function agentNameOf(name: string): string {
  const words = tokenize(name).filter(word => /^[a-z0-9]+$/.test(word))
  return words.join('-').slice(0, 64) || 'unnamed'
}
