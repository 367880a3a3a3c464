/**
 * How well, how surely and how fast requests find the right descriptions: a peer's own index beside BM25 with stop
 * words over the same fields in the same run (DISCOVERY.md §1). Exit code 1 where a target is missed.
 *
 * `--data <folder>`: `corpus.jsonl` and `queries.jsonl` (default: the development data beside the clone). `--every n`:
 * each n-th request only. `--embedder <name>`, any number of times: beside the built-in one, as `amp-mesh --embedder`
 * names them. `--quick`: no index of 100,000. `--json`: one JSON object.
 */
import { openEmbedder } from '@amp-mesh/agents/node'
import type { Embedder } from '@amp-mesh/protocol'
import { LexicalEmbedder } from '../packages/discovery/src/index.ts'
import { commandLine } from '../scripts/command-line.ts'
import { bm25 } from './discovery/bm25.ts'
import { type Calibration, calibrationOf } from './discovery/calibration.ts'
import { cardOf, indexOf, searchOf } from './discovery/cards.ts'
import { type Latency, latencyOf } from './discovery/latency.ts'
import { lead, macro, type Outcome, outcomesOf, type Recall, recallOf, type Search } from './discovery/recall.ts'
import { DEV_DATA, holdsTasks, readTasks, type Task } from './discovery/tasks.ts'
import { conclude, type Verdict } from './verdict.ts'

type Method = [name: string, search: Search]

interface Row {
  readonly method: string
  /** By source, then `macro` over the sources, then all requests among all descriptions. */
  readonly recall: Readonly<Record<string, Recall>>
}

interface Report {
  readonly data: string
  readonly requests: Readonly<Record<string, number>>
  readonly rows: readonly Row[]
  /** Of the fusion over BM25, in standard errors of the difference in recall@5. */
  readonly leads: Readonly<Record<string, number>>
  /** Of the fusion, over the sources. */
  readonly calibration: Calibration
  readonly latency: readonly Latency[]
}

const MACRO = 'macro'
const RIVAL = 'BM25 with stop words'
const FUSION = 'fusion of both'

export default async function run(args: string[]): Promise<void> {
  const defaults = { data: DEV_DATA, every: 1, embedder: [], quick: false, json: false }
  const { data, every, embedder, quick, json } = commandLine(import.meta.url, defaults, args).values
  if (!holdsTasks(data)) throw new Error(`no corpus.jsonl in ${data}: name a folder that has one with --data`)
  const { tasks, union } = readTasks(data, every)
  if (tasks.length === 0) throw new Error(`no request in ${data} has a right answer in the corpus there`)
  const onFallback = (why: string) => {
    throw new Error(why)
  }
  const further = await Promise.all(embedder.map(name => openEmbedder(name, { onFallback })))
  const latency: Latency[] = []
  for (const size of quick ? [10_000] : [10_000, 100_000]) latency.push(await latencyOf(union, size))
  const report: Report = { data, ...(await qualityOf(tasks, union, further)), latency }
  const judged = { figures: report, table: table(report), verdicts: verdictsOn(report) }
  process.exitCode = conclude('discovery', judged, json)
}

async function qualityOf(tasks: Task[], union: Task, further: Embedder[]): Promise<Omit<Report, 'data' | 'latency'>> {
  const outcomes = new Map<string, Map<string, Outcome[]>>()
  for (const task of [...tasks, union])
    for (const [method, search] of await methodsOn(task, further)) {
      const own = outcomes.get(method) ?? new Map<string, Outcome[]>()
      outcomes.set(method, own.set(task.source, await outcomesOf(task, search)))
    }
  const rows = [...outcomes].map(([method, own]): Row => {
    const recalls = new Map([...own].map(([source, list]) => [source, recallOf(list)]))
    const sources = tasks.flatMap(({ source }) => recalls.get(source) ?? [])
    return { method, recall: { ...Object.fromEntries(recalls), [MACRO]: macro(sources) } }
  })
  const [ours, theirs] = [outcomes.get(FUSION), outcomes.get(RIVAL)]
  const leads = tasks.map(({ source }) => [source, lead(ours?.get(source) ?? [], theirs?.get(source) ?? [])])
  return {
    requests: Object.fromEntries([...tasks, union].map(({ source, requests }) => [source, requests.length])),
    rows,
    leads: Object.fromEntries(leads),
    calibration: calibrationOf(new Map([...(ours ?? [])].filter(([source]) => source !== union.source))),
  }
}

async function methodsOn({ descriptions }: Task, further: readonly Embedder[]): Promise<Method[]> {
  const cards = descriptions.map(cardOf)
  const index = await indexOf(cards, new LexicalEmbedder())
  const methods: Method[] = [
    [RIVAL, bm25(descriptions)],
    ['our words alone', searchOf(index, 'words')],
    ['built-in vectors alone', searchOf(index, 'vectors')],
    [FUSION, searchOf(index, 'both')],
  ]
  for (const embedder of further) {
    const other = await indexOf(cards, embedder)
    methods.push([embedder.id, searchOf(other, 'vectors')], [`${embedder.id} and words`, searchOf(other, 'both')])
  }
  return methods
}

function verdictsOn({ rows, leads, latency }: Report): Verdict[] {
  const of = (method: string) => rows.find(row => row.method === method)?.recall[MACRO]?.at5 ?? 0
  const [worst, margin] = Object.entries(leads).reduce((a, b) => (b[1] < a[1] ? b : a))
  return [
    { target: 'fusion: macro R@5', measured: of(FUSION), min: 0.685 },
    { target: 'fusion: macro R@5 above that of BM25 by', measured: of(FUSION) - of(RIVAL), min: 0.001 },
    { target: `standard errors above BM25 where it leads least (${worst})`, measured: margin, min: -1 },
    ...latency.map(({ capabilities, p50 }) => ({
      target: `search of ${capabilities.toLocaleString('en')} capabilities, processor ms p50`,
      measured: p50,
      max: capabilities > 10_000 ? 10 : 2,
    })),
  ]
}

function table({ requests, rows, calibration, latency }: Report): string[] {
  const columns = Object.keys(rows[0]?.recall ?? {})
  const cell = (recall: Recall | undefined, measure: keyof Recall) => (recall?.[measure] ?? 0).toFixed(3)
  const lines = ['R@1 / R@5 ± standard error / R@10 / MRR']
  for (const column of columns) {
    lines.push('', `${column}${requests[column] === undefined ? '' : `, ${requests[column]} requests`}`)
    for (const { method, recall } of rows) {
      const own = recall[column]
      const [at1, at5, error, at10, rank] = (['at1', 'at5', 'standardError', 'at10', 'reciprocalRank'] as const).map(
        measure => cell(own, measure),
      )
      lines.push(`  ${method.padEnd(24)} ${at1}  ${at5} ± ${error}  ${at10}  ${rank}`)
    }
  }
  lines.push('', 'first answers: how sure, how many, how many right')
  for (const { count, confidence, right } of calibration.bins)
    lines.push(`  ${confidence.toFixed(2)} ${String(count).padStart(6)}  ${right.toFixed(2)} ${'█'.repeat(right * 40)}`)
  for (const [source, error] of Object.entries(calibration.errorElsewhere))
    lines.push(
      `  fitted without ${source.padEnd(12)} off there by ${error.toFixed(3)}, ` +
        `evidence × ${(calibration.stretch[source] ?? 1).toFixed(2)}`,
    )
  for (const { capabilities, p50, p99, wall50, wall99, put, megabytes, agreement } of latency)
    lines.push(
      '',
      `index of ${capabilities.toLocaleString('en')}: search ${p50.toFixed(2)} ms of the processor, ` +
        `p99 ${p99.toFixed(2)} (of the wall ${wall50.toFixed(2)}, ${wall99.toFixed(2)}); ` +
        `${put.toFixed(2)} ms to take one up; ${megabytes.toFixed(0)} MB; ` +
        `${(agreement * 100).toFixed(1)} % of the ten best of an exhaustive search`,
    )
  return lines
}
