/**
 * `npm run adversaries [-- --honest 20 --sybils 80 --processes 4 --words 15] [--only gossip,sockets] [--json]`: honest
 * peers among Sybils, 20 to 1 at one of them, under one attack after the other. Tells what each attack sent, and fails
 * where a word did not reach all the honest in 10 s, where an honest dial took a second, or where less than half of an
 * attack took place.
 */
import { parseArgs } from 'node:util'
import { ATTACKS, type AttackName } from '../test/adversaries/attacks.ts'
import { told, verdict } from '../test/adversaries/result.ts'
import { siege } from '../test/adversaries/siege.ts'

const number = (value: string) => ({ type: 'string', default: value }) as const
const { values } = parseArgs({
  options: {
    honest: number('20'),
    sybils: number('80'),
    processes: number('4'),
    words: number('15'),
    only: { type: 'string', default: Object.keys(ATTACKS).join() },
    json: { type: 'boolean', default: false },
  },
})
const attacks = (Object.keys(ATTACKS) as AttackName[]).filter(name => values.only.split(',').includes(name))
const [honest, sybils] = [Number(values.honest), Number(values.sybils)]
const say = (line: string) => void process.stdout.write(`${line}\n`)

if (!values.json) say(`${honest} honest peers, ${sybils} Sybils; each attack lasts ${values.words} s`)
const results = await siege({
  ...{ honest, sybils, attacks },
  processes: Number(values.processes),
  words: Number(values.words),
  say: line => values.json || say(line),
  onResult: result => say(values.json ? JSON.stringify({ ...result, verdict: verdict(result) }) : told(result)),
})
process.exit(results.every(result => verdict(result) === 'kept') ? 0 : 1)
