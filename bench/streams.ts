/**
 * What a message between two processes costs, through the product with every check on, beside what others do with the
 * same machine in the same run: messages a second, round trips, durable letters. Exit code 1 where a target is missed.
 *
 * `--quick`: fewer messages. `--only amp-ws,ws`: these rivals. `--json`: one JSON object.
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { compare, type Effort, type Row } from './streams/comparison.ts'
import { contenders, type Name } from './streams/contenders.ts'
import { conclude, type Verdict } from './verdict.ts'

const FULL: Effort = { rounds: 7, small: 100_000, large: 20_000, roundTrips: 2_000 }
const QUICK: Effort = { rounds: 3, small: 20_000, large: 4_000, roundTrips: 400 }

export default async function run(args: string[]): Promise<void> {
  const options = {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(contenders).join() },
    json: { type: 'boolean', default: false },
  } as const
  const { quick, only, json } = parseArgs({ args, options }).values
  const tell = (word: string) => void process.stderr.write(`${word}\n`)
  const load = [loadavg()[0] ?? 0]
  const rows = await compare(
    only
      .split(',')
      .filter(isName)
      .map(name => [name, contenders[name]] as const),
    quick ? QUICK : FULL,
    tell,
  )
  load.push(loadavg()[0] ?? 0)
  const table = [...tableOf(rows), '', `load before and after: ${load.map(each => each.toFixed(1)).join(', ')}`]
  process.exit(conclude('streams', { figures: { rows, load }, table, verdicts: verdictsOn(rows) }, json))
}

const isName = (name: string): name is keyof typeof contenders => Object.hasOwn(contenders, name)

function verdictsOn(rows: readonly Row[]): Verdict[] {
  const of = (key: Name) => rows.find(row => row.key === key)
  const [ours, bare, raw] = [of('amp-ws'), of('bare-ws'), of('ws')]
  const ratio = (a: Row | undefined, b: Row | undefined, size: 'small' | 'large') =>
    (a?.[size]?.perSecond ?? Number.NaN) / (b?.[size]?.perSecond ?? Number.NaN)
  const roundTrip = (ours?.roundTrips?.p50 ?? Number.NaN) / (raw?.roundTrips?.p50 ?? Number.NaN)
  return [
    { target: '200 B over libp2p-ws, × bare libp2p batched alike', measured: ratio(ours, bare, 'small'), min: 0.8 },
    { target: '4 KiB over libp2p-ws, × bare libp2p batched alike', measured: ratio(ours, bare, 'large'), min: 0.8 },
    { target: '200 B over libp2p-ws, × raw ws, a message a frame', measured: ratio(ours, raw, 'small'), min: 1.5 },
    { target: '4 KiB over libp2p-ws, × raw ws, a message a frame', measured: ratio(ours, raw, 'large'), min: 0.4 },
    { target: 'round trip over libp2p-ws, p50, × raw ws', measured: roundTrip, max: 3 },
  ]
}

function tableOf(rows: readonly Row[]): string[] {
  const cell = (value: number | undefined, digits: number) =>
    (value === undefined ? '' : value.toLocaleString('en', { maximumFractionDigits: digits })).padStart(12)
  const head = ['200 B/s', 'µs each', '4 KiB/s', 'µs each', 'RTT p50 ms', 'p99 ms']
    .map(word => word.padStart(12))
    .join('')
  return [
    `${' '.repeat(44)}${head}`,
    ...rows.map(({ name, missing, small, large, roundTrips }) =>
      missing === undefined
        ? `${name.padEnd(44)}${cell(small?.perSecond, 0)}${cell(small?.micros, 1)}` +
          `${cell(large?.perSecond, 0)}${cell(large?.micros, 1)}` +
          `${cell(roundTrips?.p50, 3)}${cell(roundTrips?.p99, 3)}`
        : `${name.padEnd(44)} not measured: ${missing}`,
    ),
  ]
}
