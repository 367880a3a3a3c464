/**
 * The release review in seven warm processes: time from `ask` to the first offer and to the conclusion, beside the same
 * agents run one after the other by a sequential orchestrator in one process, without network, store or signatures.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { QUESTION, releaseReviewAgents } from '@amp-mesh/example-release-review'
import { createPeer } from '@amp-mesh/peer/node'
import { startCrew } from '../packages/cli/src/crew.ts'
import { commandLine } from '../scripts/command-line.ts'
import { makeRepo } from '../test/fixtures/make-repo.ts'
import { RoundTable } from '../test/unit/release-review/round-table.ts'
import { until } from '../test/until.ts'
import { median, type Summary, summary } from './figures/summary.ts'

interface Run {
  firstOffer: number
  concluded: number
}

const AGENTS = new URL('../examples/release-review/src/agents/', import.meta.url)

export default async function demo(args: string[]): Promise<void> {
  const { values } = commandLine(import.meta.url, { runs: 20, json: false }, args)
  const { runs } = values
  const folder = await mkdtemp(join(tmpdir(), 'amp-bench-'))
  try {
    const { dir } = makeRepo({ language: 'javascript', dir: join(folder, 'repo') })
    const orchestrated = await orchestrator(dir, runs)
    const mesh = await onTheMesh(dir, join(folder, 'data'), runs)
    const report = {
      runs,
      mesh: {
        firstOfferMs: summary(mesh.map(run => run.firstOffer)),
        concludedMs: summary(mesh.map(run => run.concluded)),
      },
      sequential: { concludedMs: summary(orchestrated) },
      ratio: median(mesh.map(run => run.concluded)) / median(orchestrated),
    }
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : table(report))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function onTheMesh(dir: string, dataDir: string, runs: number): Promise<Run[]> {
  const asker = await createPeer({ name: 'asker', mesh: 'bench', dataDir })
  const files = (await readdir(AGENTS)).map(name => new URL(name, AGENTS).pathname)
  const crew = startCrew({ files, join: asker.addresses()[0] ?? '', mesh: 'bench', dataDir })
  try {
    await until('all agents known', () => asker.peers().flatMap(each => each.agents).length === files.length, 60_000)
    const measured: Run[] = []
    for (let i = -1; i < runs; i++) {
      const started = performance.now()
      let firstOffer = Number.NaN
      for await (const { type } of asker.ask(QUESTION, { context: { dir } }))
        if (type === 'capability_match' && Number.isNaN(firstOffer)) firstOffer = performance.now() - started
      // the first run warms the processes
      if (i >= 0) measured.push({ firstOffer, concluded: performance.now() - started })
    }
    return measured
  } finally {
    await crew.stop()
    await asker.stop()
  }
}

async function orchestrator(dir: string, runs: number): Promise<number[]> {
  const measured: number[] = []
  for (let i = -1; i < runs; i++) {
    const started = performance.now()
    const table = new RoundTable({ dir })
    await table.discuss(releaseReviewAgents)
    await releaseReviewAgents[0]?.synthesise?.(table.turnOf(releaseReviewAgents[0].name))
    if (i >= 0) measured.push(performance.now() - started)
  }
  return measured
}

interface Report {
  runs: number
  mesh: { firstOfferMs: Summary; concludedMs: Summary }
  sequential: { concludedMs: Summary }
  ratio: number
}

function table({ runs, mesh, sequential, ratio }: Report): string {
  const row = (what: string, { median, max }: Summary) =>
    `${what.padEnd(46)}${String(median).padStart(8)} ms${String(max).padStart(8)} ms\n`
  return [
    `${`${runs} runs`.padEnd(46)}${'median'.padStart(11)}${'max'.padStart(11)}\n`,
    row('mesh, ask to first offer', mesh.firstOfferMs),
    row('mesh, ask to conclusion (offer window 1,000 ms)', mesh.concludedMs),
    row('the same agents, one after the other', sequential.concludedMs),
    `conclusion against sequential: ${ratio.toFixed(2)} ×\n`,
  ].join('')
}
