/**
 * What the ledger costs, and what it is worth it: said, verified, indexed, projected, joined, held in RAM; beside raw
 * signatures, plain Yjs, Automerge and a y-websocket round trip in the same run. Exit code 1 where a target is missed.
 *
 * `--quick`: fewer records and no join of a million. `--json`: one JSON object.
 */

import { commandLine } from '../scripts/command-line.ts'
import { type Join, type Joins, joins } from './context/joins.ts'
import { type Memory, memoryOf } from './context/memory.ts'
import { ourRoundTrip, type RoundTrip, yWebsocketRoundTrip } from './context/round-trip.ts'
import { type Speed, speed } from './context/speed.ts'
import { conclude, type Verdict } from './verdict.ts'

interface Report {
  speed: Speed
  roundTrip: { ours: RoundTrip; yWebsocket: RoundTrip }
  joins: Joins[]
  memory: Memory
}

export default async function run(args: string[]): Promise<void> {
  const { quick, json } = commandLine(import.meta.url, { quick: false, json: false }, args).values
  const times = quick ? 300 : 1_000
  const report: Report = {
    speed: speed(quick),
    roundTrip: { ours: await ourRoundTrip(times), yWebsocket: await yWebsocketRoundTrip(times) },
    joins: [],
    memory: memoryOf(quick),
  }
  for (const records of quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000])
    report.joins.push(await joins(records))
  // sockets of providers that were destroyed may hold the process for a while
  process.exit(conclude('context', { figures: report, table: table(report), verdicts: verdictsOn(report) }, json))
}

/**
 * Ratios of processor time: both sides of each were measured in this run. A join is judged with checkpoints there, and
 * is given what whoever answers a newcomer chooses.
 */
function verdictsOn({ speed, joins, memory }: Report): Verdict[] {
  return [
    { target: 'single: verify + index, × raw verify', measured: speed.ratios.rawVerify, min: 0.85 },
    { target: 'by 100: verify + index, × plain Yjs', measured: speed.ratios.yjs, min: 1 },
    { target: 'heap of a record, B', measured: memory.batched, max: 600 },
    ...joins
      .filter(({ records }) => records >= 100_000)
      .flatMap(({ records, live, replaced }) => [
        { target: `join ${records}, all alive, × plain Yjs`, measured: ratio(live.checkpoint, live.yjs), max: 2 },
        {
          target: `join ${records}, 80 % replaced, × plain Yjs`,
          measured: ratio(replaced.checkpoint, replaced.yjs),
          max: 1,
        },
      ]),
  ]
}

const ratio = (ours: Join, theirs: Join) => ours.processorMs / theirs.processorMs

function table({ speed, roundTrip, joins, memory }: Report): string[] {
  const per = (value: number) => Math.round(value).toLocaleString('en').padStart(10)
  const row = (what: string, { single, batched }: { single: number; batched?: number }, bytes = '') =>
    `${what.padEnd(34)}${per(single)}${batched === undefined ? ' '.repeat(10) : per(batched)}   ${bytes}`
  const { bytes } = speed
  const b = (...values: number[]) => values.map(value => `${value.toFixed(0)} B`).join(' / ')
  const ms = ({ median, p99 }: RoundTrip) => `${median.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`
  return [
    'records a second of processor time        single    by 100   on the wire',
    row('raw Ed25519 verify', { single: speed.rawVerify }),
    row('append (sign, index)', speed.append),
    row('verify + index', speed.take, b(bytes.single, bytes.batched)),
    row('verify + index + Yjs document', speed.project),
    row('plain Yjs applyUpdate, no security', speed.yjs, b(bytes.yjsSingle, bytes.yjsBatched)),
    row('Automerge applyChanges', speed.automerge, b(bytes.automerge)),
    '',
    `a word to a reader               ${ms(roundTrip.ours)}`,
    `y-websocket, client to client    ${ms(roundTrip.yWebsocket)}`,
    '',
    `heap of a record, ${memory.records.toLocaleString('en')} of them: ${b(memory.batched)}`,
    `the same, each in an entry of its own: ${b(memory.single)}; a Yjs map: ${b(memory.yjs)}`,
    '',
    'join, ms of processor time (of the wall), MB        no checkpoints      with checkpoints    plain Yjs',
    ...joins.flatMap(({ records, live, replaced }) => [
      joinRow(`${records.toLocaleString('en')} all alive`, live),
      joinRow(`${records.toLocaleString('en')} 80 % replaced`, replaced),
    ]),
  ]
}

function joinRow(what: string, { segments, checkpoint, yjs }: Joins['live']): string {
  const cell = ({ processorMs, wallMs, megabytes }: Join) =>
    `${Math.round(processorMs)} (${Math.round(wallMs)}), ${megabytes.toFixed(1)}`.padEnd(20)
  return `${what.padEnd(38)}${[segments, checkpoint, yjs].map(cell).join('')}`
}
