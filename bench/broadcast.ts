/**
 * What it costs to ask: messages and bytes of a question to 10, 100 and 1,000 agents, by semantic multicast and by
 * flooding, and whether the same agents offer. The product's own peers and agents, a network in memory, virtual time.
 * Exit code 1 where a target is missed.
 *
 * `--sizes 10,100,1000`, `--questions 12`, `--seed 1`. `--json`: one JSON object.
 */
import { QUESTION_DEFAULTS } from '@amp-mesh/protocol'
import { commandLine } from '../scripts/command-line.ts'
import { type Asked, Crowd } from './broadcast/crowd.ts'
import type { Sent } from './broadcast/gauge.ts'
import { dataIsHere, taskOf } from './broadcast/questions.ts'
import { median } from './figures/summary.ts'
import { conclude } from './verdict.ts'

/** Means over the questions, but for `firstOfferMs`, a median. */
interface Row {
  agents: number
  way: 'multicast' | 'flooding'
  /** The question on its way, from all peers together. */
  asking: Sent
  /** What was said in its space within three offer windows, and to sync it. */
  within: Sent
  joined: number
  offers: number
  firstOfferMs: number
}

interface Comparison {
  agents: number
  questions: number
  rows: Row[]
  /** Of all offers that flooding brought, those multicast brought too; and of the best that suffice. */
  sameOffers: number
  sameBest: number
}

/** Share of flooding's offers that multicast must find. */
const TARGET = 0.95

export default async function run(args: string[]): Promise<void> {
  const defaults = { sizes: '10,100,1000', questions: 12, seed: 1, json: false }
  const { json, questions, seed, sizes } = commandLine(import.meta.url, defaults, args).values
  if (!dataIsHere) {
    process.stdout.write('no data: this bench reads ../shared/data/discovery\n')
    return
  }
  const comparisons: Comparison[] = []
  if (!json) process.stdout.write(`${HEAD}\n`)
  for (const size of sizes.split(',').map(Number)) {
    const comparison = await compare(size, Math.min(questions, size), seed)
    comparisons.push(comparison)
    if (!json) process.stdout.write(`${linesOf(comparison).join('\n')}\n`)
  }
  const verdicts = comparisons.map(({ agents, sameOffers }) => ({
    target: `offers of flooding found among ${agents} agents, share`,
    measured: sameOffers,
    min: TARGET,
  }))
  process.exit(conclude('broadcast', { figures: { seed, comparisons }, table: [], verdicts }, json))
}

async function compare(agents: number, questions: number, seed: number): Promise<Comparison> {
  const task = taskOf(agents, questions, seed)
  const crowd = await Crowd.gather(task, seed)
  const pairs: { multicast: Asked; flooding: Asked }[] = []
  for (const query of task.questions)
    pairs.push({ multicast: await crowd.ask(query, 'best'), flooding: await crowd.ask(query, 'all') })
  await crowd.close()
  const best = ({ offers }: Asked) => offers.slice(0, QUESTION_DEFAULTS.offers)
  return {
    agents,
    questions,
    rows: (['multicast', 'flooding'] as const).map(way =>
      rowOf(
        agents,
        way,
        pairs.map(pair => pair[way]),
      ),
    ),
    sameOffers: share(pairs.map(({ multicast, flooding }) => [flooding.offers, multicast.offers])),
    sameBest: share(pairs.map(({ multicast, flooding }) => [best(flooding), multicast.offers])),
  }
}

/** Of all in the first lists, those in the second. */
function share(pairs: readonly (readonly [string[], string[]])[]): number {
  const wanted = pairs.reduce((sum, [first]) => sum + first.length, 0)
  const found = pairs.reduce((sum, [first, second]) => sum + first.filter(each => second.includes(each)).length, 0)
  return wanted === 0 ? 1 : found / wanted
}

function rowOf(agents: number, way: Row['way'], asked: readonly Asked[]): Row {
  const mean = (of: (one: Asked) => number) => asked.reduce((sum, one) => sum + of(one), 0) / asked.length
  const sent = (of: (one: Asked) => Sent) => ({
    messages: Math.round(mean(one => of(one).messages)),
    bytes: Math.round(mean(one => of(one).bytes)),
  })
  return {
    agents,
    way,
    asking: sent(({ asking }) => asking),
    within: sent(({ within }) => within),
    joined: mean(({ joined }) => joined),
    offers: mean(({ offers }) => offers.length),
    firstOfferMs: median(asked.flatMap(({ firstOfferMs }) => firstOfferMs ?? [])),
  }
}

const WIDTHS = [7, 10, 11, 10, 13, 10, 8, 8, 11, 13, 13]
const columns = (cells: readonly string[]) => cells.map((cell, i) => cell.padStart(WIDTHS[i] ?? 8)).join('')

const HEAD = columns([
  ...['agents', 'way', 'to ask', 'kB', 'in its space', 'kB', 'joined', 'offers', 'first, ms'],
  ...['same offers', 'of the best'],
])

function linesOf({ rows, sameOffers, sameBest }: Comparison): string[] {
  return rows.map(row =>
    columns([
      String(row.agents),
      row.way,
      `${row.asking.messages} msg`,
      (row.asking.bytes / 1000).toFixed(1),
      `${row.within.messages} msg`,
      (row.within.bytes / 1000).toFixed(1),
      row.joined.toFixed(1),
      row.offers.toFixed(1),
      row.firstOfferMs.toFixed(0),
      row.way === 'multicast' ? `${(100 * sameOffers).toFixed(1)} %` : '',
      row.way === 'multicast' ? `${(100 * sameBest).toFixed(1)} %` : '',
    ]),
  )
}
