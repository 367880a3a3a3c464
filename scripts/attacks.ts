/**
 * `npm run attacks [-- --only 6,44] [--unguarded] [--json]`: every attack on plain Yjs sync, on two real peers, and on
 * two peers without their guards. Fails when a peer is breached, or when too few are without guards.
 */
import '../test/compile-cache.ts'
import { BREACHES_WITHOUT_GUARDS, breaches, campaign, onPlainYjs, type Row } from '../test/attacks/campaign.ts'
import { ATTACKS } from '../test/attacks/rows.ts'
import { commandLine } from './command-line.ts'

const { values, refuse } = commandLine(import.meta.url, { only: '', unguarded: false, json: false })
const chosen = values.only === '' ? undefined : values.only.split(',').map(Number)
const attacks = ATTACKS.filter(({ n }) => chosen === undefined || chosen.includes(n))
if (attacks.length === 0) refuse(`attacks are 1 to ${ATTACKS.length}, not ${values.only}`)

const plain = values.unguarded ? [] : await all('plain Yjs', onPlainYjs(attacks))
const here = values.unguarded ? [] : await all('here', campaign(attacks, true))
const unguarded = await all('guards off', campaign(attacks, false))

const tooFew = chosen === undefined && breaches(unguarded).length < BREACHES_WITHOUT_GUARDS
const isBreached = breaches(here).length > 0
if (values.json) process.stdout.write(`${JSON.stringify({ plain, here, unguarded }, undefined, 1)}\n`)
else process.stdout.write(`${table()}\n\n${summary()}\n`)
process.exit(isBreached || tooFew ? 1 : 0)

/** Runs to the end, telling on a terminal how far it is. */
async function all(what: string, rows: AsyncGenerator<Row>): Promise<Row[]> {
  const done: Row[] = []
  for await (const row of rows) {
    done.push(row)
    if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${done.length} of ${attacks.length} `)
  }
  if (process.stderr.isTTY) process.stderr.write('\n')
  return done
}

function table(): string {
  const cells = attacks.map(({ n, name }) => [
    String(n),
    name,
    ...[plain, here, unguarded].filter(rows => rows.length > 0).map(rows => textOf(rows, n)),
  ])
  const titles = values.unguarded
    ? ['#', 'attack', 'guards off']
    : ['#', 'attack', 'plain Yjs sync', 'here', 'here, guards off']
  return [titles, titles.map(() => '---'), ...cells].map(row => `| ${row.join(' | ')} |`).join('\n')
}

function textOf(rows: readonly Row[], n: number): string {
  const outcome = rows.find(row => row.n === n)?.outcome
  if (outcome === undefined) return ''
  const saw = outcome.saw.replaceAll('|', '/').replaceAll('\n', ' ').slice(0, 90)
  return `${outcome.breach ? '✗' : 'ok'} ${saw}`
}

function summary(): string {
  const lines = values.unguarded
    ? []
    : [
        `plain Yjs sync: ${breaches(plain).length} of ${plain.length} breach it`,
        `here: ${breaches(here).length} of ${here.length}`,
      ]
  const verdict = tooFew ? `: fewer than ${BREACHES_WITHOUT_GUARDS}, so these attacks prove nothing` : ''
  return [...lines, `here with the guards off: ${breaches(unguarded).length} of ${unguarded.length}${verdict}`].join(
    '\n',
  )
}
