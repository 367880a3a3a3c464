/**
 * What a message between two processes costs, through the product with every check on, beside what others do with the
 * same machine in the same run: messages a second, round trips, durable letters, requests beside bulk, one to many.
 * Exit code 1 where a target is missed.
 *
 * `--quick`: fewer messages. `--only amp-ws,ws,durable,bulk,fan-out`: these parts. `--json`: one JSON object.
 */
import { loadavg } from 'node:os'
import { commandLine } from '../scripts/command-line.ts'
import { median } from './figures/summary.ts'
import type { BesideBulk } from './streams/beside-bulk.ts'
import { compare, type Effort, type Round, type Row } from './streams/comparison.ts'
import { contenders, type Name } from './streams/contenders.ts'
import { type Durability, durability } from './streams/durability.ts'
import type { FanOut } from './streams/fan-out.ts'
import type { Rate, RoundTrips } from './streams/rival.ts'
import { conclude, type Verdict } from './verdict.ts'

interface Report {
  rows: Row[]
  durable?: Durability
  bulk?: BesideBulk
  fanOut?: FanOut
  /** Runnable processes a minute, before and after. */
  load: number[]
}

const FULL = { letters: { rounds: 15, small: 60_000, large: 12_000, roundTrips: 300 }, publications: 100 }
const QUICK = { letters: { rounds: 5, small: 20_000, large: 3_000, roundTrips: 100 }, publications: 30 }
const durableEffort = ({ rounds, small }: Effort): Effort => ({ rounds, small: small / 20, large: 0, roundTrips: 20 })
const SUBSCRIBERS = 50
const PARTS = [...Object.keys(contenders), 'durable', 'bulk', 'fan-out']

export default async function run(args: string[]): Promise<void> {
  const defaults = { quick: false, only: PARTS.join(), json: false }
  const { values, refuse } = commandLine(import.meta.url, defaults, args)
  const { quick, json } = values
  const parts = new Set(values.only.split(','))
  const unknown = [...parts].filter(part => !PARTS.includes(part))
  if (unknown.length > 0) refuse(`--only takes some of ${PARTS.join()}, not '${unknown.join()}'`)
  const { letters, publications } = quick ? QUICK : FULL
  const tell = (word: string) => void process.stderr.write(`${word}\n`)
  const load = [loadavg()[0] ?? 0]
  const chosen = (Object.keys(contenders) as Name[]).filter(key => parts.has(key))
  const report: Report = { rows: chosen.length === 0 ? [] : await compare(chosen, letters, tell), load }
  if (parts.has('durable')) report.durable = await durability(durableEffort(letters), tell)
  if (parts.has('bulk'))
    report.bulk = await (await import('./streams/beside-bulk.ts')).besideBulk(letters.roundTrips / 4)
  if (parts.has('fan-out'))
    report.fanOut = await (await import('./streams/fan-out.ts')).fanOut(SUBSCRIBERS, publications, tell)
  load.push(loadavg()[0] ?? 0)
  process.exit(conclude('streams', { figures: report, table: tableOf(report), verdicts: verdictsOn(report) }, json))
}

/** Of what was measured. */
function verdictsOn({ rows, durable, fanOut }: Report): Verdict[] {
  const found = (key: Name) => [...rows, ...(durable?.rows ?? [])].find(row => row.key === key)
  /** The median of what the rounds say. */
  const ratio = (of: (round: Round) => number | undefined, ours: Name, theirs: Name) => {
    const [a = [], b = []] = [ours, theirs].map(key => found(key)?.rounds.map(of))
    const ratios = a.flatMap((value, n) => (value === undefined || b[n] === undefined ? [] : value / b[n]))
    return ratios.length === 0 ? undefined : median(ratios)
  }
  const small = (round: Round) => round.small.perSecond
  const large = (round: Round) => round.large?.perSecond
  const verdicts: (Omit<Verdict, 'measured'> & { measured: number | undefined })[] = [
    { target: '200 B, × bare libp2p-ws batched alike', measured: ratio(small, 'amp-ws', 'bare-ws'), min: 0.8 },
    { target: '4 KiB, × bare libp2p-ws batched alike', measured: ratio(large, 'amp-ws', 'bare-ws'), min: 0.8 },
    { target: '200 B, × raw ws, a message a frame', measured: ratio(small, 'amp-ws', 'ws'), min: 1.5 },
    { target: '4 KiB, × raw ws, a message a frame', measured: ratio(large, 'amp-ws', 'ws'), min: 0.4 },
    { target: 'round trip p50, × raw ws', measured: ratio(({ roundTrip }) => roundTrip, 'amp-ws', 'ws'), max: 3 },
    { target: 'durable, × two Level stores over TCP', measured: ratio(small, 'amp-durable', 'level-tcp'), min: 0.5 },
    { target: 'peers that one publication goes out to', measured: fanOut?.peers, min: SUBSCRIBERS },
    { target: 'fdatasync of the receiver before each acknowledgement', measured: durable?.syncsALetter, min: 1 },
  ]
  return verdicts.flatMap(({ measured, ...target }) => (measured === undefined ? [] : [{ ...target, measured }]))
}

function tableOf({ rows, durable, bulk, fanOut, load }: Report): string[] {
  const head = ['200 B/s', 'µs each', '4 KiB/s', 'µs each', 'RTT p50', 'p99 ms'].map(word => word.padStart(11)).join('')
  const both = ({ p50, p99 }: RoundTrips) => `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`
  const lines = [`${' '.repeat(48)}${head}`, ...[...rows, ...(durable?.rows ?? [])].map(lineOf)]
  if (durable !== undefined && durable.syncsALetter === undefined) lines.push('', 'fdatasync not counted: no strace')
  if (bulk !== undefined) {
    lines.push('', `a request while nothing else happens       ${both(bulk.quiet)}`)
    const megabytes = `${(bulk.bytes / 1e6).toFixed(1)} MB in ${(bulk.ms / 1_000).toFixed(1)} s`
    lines.push(`a request while an artifact syncs          ${both(bulk.syncing)} (${megabytes})`)
  }
  if (fanOut !== undefined) {
    const arrived = `${(100 * fanOut.arrived).toFixed(1)} % arrived`
    lines.push('', `one publication to ${fanOut.peers} peers${' '.repeat(18)}${both(fanOut)} (${arrived})`)
  }
  return [...lines, '', `load before and after: ${load.map(each => each.toFixed(1)).join(', ')}`]
}

function lineOf({ name, missing, small, large, roundTrips }: Row): string {
  if (missing !== undefined) return `${name.padEnd(48)} not measured: ${missing}`
  const cell = (value: number | undefined, digits: number) =>
    (value === undefined ? '' : value.toLocaleString('en', { maximumFractionDigits: digits })).padStart(11)
  const rate = (value: Rate | undefined) => `${cell(value?.perSecond, 0)}${cell(value?.micros, 1)}`
  return `${name.padEnd(48)}${rate(small)}${rate(large)}${cell(roundTrips?.p50, 3)}${cell(roundTrips?.p99, 3)}`
}
