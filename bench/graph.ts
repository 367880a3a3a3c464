/**
 * How fast the knowledge graph answers at n records: by its indexes, beside reading all records in the same run.
 * `--records n`; `--times n`: questions asked of each kind.
 */
import { cosine } from '@amp-mesh/discovery'
import type { Op, Pattern, Rec } from '@amp-mesh/protocol'
import { Records, wordsOf } from '../packages/context/src/index.ts'
import { commandLine } from '../scripts/command-line.ts'
import { identity, SeededRandom } from '../test/simulation/space.ts'
import { embedder, graphOver } from '../test/unit/context/graph/room.ts'

const WORDS = `hotel flight marathon price night morning parser test fails release branch commit author licence review
secret token server client socket record ledger verify member question answer budget offer proposal station street
museum weather rain sun winter summer city country language translate contract invoice payment loan risk credit fraud
customer order delivery storage index query graph vector memory disk crash restart backup signature key epoch`.split(
  /\s+/,
)
const random = new SeededRandom(1)

export default async function run(args: string[]): Promise<void> {
  const { values } = commandLine(import.meta.url, { records: 100_000, times: 50 }, args)
  const records = new Records()
  records.add(made(values.records))
  const listeners = new Set<(news: readonly Rec[]) => void>()
  const graph = graphOver(records, listeners)
  const { times } = values
  print(`${records.size} records`)

  print(`index by pattern          ${(await timed(() => graph.query({ s: 'nothing' }))).toFixed(0)} ms once`)
  const subject = () => `thing-${random.below(records.size / 5)}`
  await row('query {s}', times, () => graph.query({ s: subject() }))
  await row('query {s, p, status}', times, () => graph.query({ s: subject(), p: 'is', status: 'proposed' }))
  await row('query {by, kind, limit}', times, () => graph.query({ by: identity(2).peerId, kind: 'hyp', limit: 20 }))
  await row('the same, reading all', 5, () => readingAll(records, { s: subject() }))
  await row('around, 2 hops', times, () => graph.around(subject(), 2))

  print(`index by meaning          ${(await timed(() => graph.recall('hotel'))).toFixed(0)} ms once`)
  await row('recall, k = 10', times, () => graph.recall(sentence(), 10))
  const news = made(100, records.size)
  records.add(news)
  for (const listener of listeners) listener(news)
  print(`recall after 100 new      ${(await timed(() => graph.recall(sentence(), 10))).toFixed(1)} ms`)
  const vectors = [...records.all()].slice(0, 10_000).map(({ op }) => embedder.embedText(wordsOf(op)))
  await row('Float32 cosine, a tenth', 5, async () => {
    const asked = embedder.embedText(sentence())
    vectors.map(vector => cosine(asked, vector)).sort((a, b) => b - a)
  })
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  print(`memory                    heap ${mega(heapUsed)}, vectors ${mega(arrayBuffers)}`)
}

const print = (line: string) => process.stdout.write(`${line}\n`)

async function row(name: string, times: number, ask: () => unknown): Promise<void> {
  const took: number[] = []
  for (let i = 0; i < times; i++) took.push(await timed(ask))
  took.sort((a, b) => a - b)
  const at = (share: number) => (took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0).toFixed(2)
  print(`${name.padEnd(26)}p50 ${at(0.5)} ms  p99 ${at(0.99)} ms`)
}

async function timed(action: () => unknown): Promise<number> {
  const start = performance.now()
  await action()
  return performance.now() - start
}

function sentence(): string {
  return Array.from({ length: 5 + random.below(8) }, () => random.pick(WORDS)).join(' ')
}

function made(size: number, from = 0): Rec[] {
  return Array.from({ length: size }, (_, i) => {
    const n = from + i
    const { publicKey } = identity(random.below(20))
    const op = random.pick<() => Op>([
      () => ({ k: 'fact', s: `thing-${random.below(size / 5)}`, p: 'is', o: n, text: sentence() }),
      () => ({ k: 'link', s: `thing-${random.below(size / 5)}`, p: 'near', o: `thing-${random.below(size / 5)}` }),
      () => ({ k: 'hyp', text: sentence() }),
    ])()
    return { id: `record-${n}`.padEnd(32, '_'), by: publicKey, log: publicKey, seq: n, n, time: n, op }
  })
}

async function readingAll(records: Records, { s }: Pattern): Promise<Rec[]> {
  return [...records.all()].filter(({ id, op }) => 's' in op && op.s === s && records.isLive(id))
}

const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
