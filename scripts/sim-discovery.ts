/**
 * The index in the DHT at scale, in the product's own code: `npm run sim:discovery -- [--agents N --peers P] [--seed S]
 * [--requests R] [--lying SHARE] [--png FILE] [--json]`. Without `--agents`: from 10^3 to 10^6 agents, one parameter
 * set for all. One table; exit code 1 where a target is missed. `--without second-holder|copies`: a mutant, to see that
 * it can fail; what a second holder is worth shows with more liars.
 */
import { writeFileSync } from 'node:fs'
import { DISCOVERY_LIMITS } from '@amp-mesh/protocol'
import { curves } from '../test/simulation/discovery/curves.ts'
import { FAULTS, type Trial, trial } from '../test/simulation/discovery/trial.ts'
import { commandLine } from './command-line.ts'

/** Agents and peers of the great tour. */
const SIZES = [
  [1_000, 200],
  [10_000, 1_000],
  [100_000, 5_000],
  [1_000_000, 20_000],
] as const
/** Share of the true five with eight lookups that must be reached, from so many agents on. */
const TARGETS = [
  { agents: 100_000, recall: 0.9 },
  { agents: 10_000, recall: 0.93 },
] as const
const MUTANTS = { 'second-holder': { checkedKeys: 0 }, copies: { copies: 1 } } as const
const LOOKUPS = 8

const { values, refuse } = commandLine(import.meta.url, {
  agents: 0,
  peers: 0,
  seed: 1,
  requests: 300,
  lying: FAULTS.lying,
  png: '',
  json: false,
  without: '',
})
const mutant = MUTANTS[values.without as keyof typeof MUTANTS]
if (values.without !== '' && mutant === undefined) refuse(`--without takes one of: ${Object.keys(MUTANTS).join(', ')}`)
if (values.agents > 0 !== values.peers > 0) refuse('--agents and --peers go together')
Object.assign(DISCOVERY_LIMITS, mutant)
const sizes = values.agents === 0 ? SIZES : [[values.agents, values.peers] as const]
const faults = { ...FAULTS, lying: values.lying }
const trials: Trial[] = []
for (const [agents, peers] of sizes) {
  const started = performance.now()
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`
  const init = { agents, peers, requests: values.requests, seed: values.seed, ...faults }
  trials.push(await trial(init, what => process.stderr.write(`${agents} agents: ${what}, ${seconds()}\n`)))
  if (!values.json)
    process.stdout.write(
      trials.length === 1 ? `${header()}\n${row(trials[0] as Trial)}\n` : `${row(trials.at(-1) as Trial)}\n`,
    )
}
const missed = trials.filter(each => at(each, LOOKUPS) < targetOf(each))
if (values.json)
  process.stdout.write(
    `${JSON.stringify({ sim: 'discovery', limits: DISCOVERY_LIMITS, trials, isReached: missed.length === 0 })}\n`,
  )
else
  for (const each of missed)
    process.stdout.write(`missed: ${each.init.agents} agents, ${at(each, LOOKUPS).toFixed(3)} of ${targetOf(each)}\n`)
if (values.png !== '') writeFileSync(values.png, curves(trials))
process.exit(missed.length === 0 ? 0 : 1)

function targetOf({ init: { agents } }: Trial): number {
  return TARGETS.find(target => agents >= target.agents)?.recall ?? 0
}

function at({ recall }: Trial, lookups: number): number {
  return recall[lookups - 1] ?? 0
}

function header(): string {
  const { silent, lying, churnPerHour } = faults
  const shares = `${silent * 100} % of the peers silent, ${lying * 100} % lying, ${churnPerHour * 100} % an hour gone`
  return [
    `${shares}; seed ${values.seed}; without: ${values.without || 'nothing'}; cards are 5 to 7 minutes old`,
    'Recall: share of the five best of a search through everything that are the asker’s own first five; brought: among',
    'all cards that came. Shipped: with the rule when to stop; messages both ways, walks included; ms of virtual time.',
    'Bucket: cards kept. Published: messages and kB a card.',
    '',
    `${'recall at lookups'.padStart(36)}      for brought   shipped${'bucket'.padStart(39)}`,
    [
      '   agents   peers       4       8      16     .9    at 8    recall lookups messages   kB    ms',
      '    mean   p99   max  published    kB',
    ].join(''),
  ].join('\n')
}

function row(each: Trial): string {
  const { init, shipped, lookupsFor90, buckets, publication } = each
  const n = (value: number, width: number, digits = 0) => value.toFixed(digits).padStart(width)
  return [
    n(init.agents, 9),
    n(init.peers, 8),
    ...[4, 8, 16].map(lookups => n(at(each, lookups), 8, 3)),
    lookupsFor90 === undefined ? '      -' : n(lookupsFor90, 7, 1),
    n(each.brought[LOOKUPS - 1] ?? 0, 8, 3),
    n(shipped.recall, 10, 3),
    n(shipped.lookups, 8, 1),
    n(shipped.messages, 9),
    n(shipped.bytes / 1000, 5),
    n(shipped.ms, 6),
    n(buckets.mean, 8),
    n(buckets.p99, 6),
    n(buckets.max, 6),
    n(publication.messages, 11),
    n(publication.bytes / 1000, 6),
  ].join('')
}
