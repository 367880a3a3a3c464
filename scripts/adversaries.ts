/**
 * `npm run adversaries [-- --only gossip,sockets]`: honest peers, each in a network of its own, and a crowd of Sybils
 * out of one (127.0.1.x), 20 to 1 at one of the honest, the victim. First there is peace, then the crowd is there
 * (eclipse), then come its attacks, one after the other, for so many seconds (and words, and newcomers) each:
 *
 *   gossip     1 KiB messages signed by nobody              2,000 a second in all
 *   control    IHAVE, IWANT, GRAFT, PRUNE, subscriptions    2,000
 *   messages   questions for spaces nobody has              2,000
 *   forgeries  4 KiB segments nobody signed                   500
 *   streams    opened and left                                400
 *   lookups    questions to the routing                       400
 *   sockets    silent, half headers, frames of 90 MiB         300
 *
 * Each line tells what left the crowd, and what became of the honest. `kept`: each word reached all of them in 10 s,
 * and each newcomer the victim in less than 1 s. `invalid`: less than half of the attack, or of the crowd, was there,
 * or not even peace was kept (it ends there), or the honest were without a core for half of the time they needed one:
 * a hundred peers want two cores for themselves. Exits with 0 if all is kept.
 */
import { ATTACKS, type AttackName } from '../test/adversaries/attacks.ts'
import { told, verdict } from '../test/adversaries/result.ts'
import { siege } from '../test/adversaries/siege.ts'
import { commandLine } from './command-line.ts'

const names = Object.keys(ATTACKS) as AttackName[]
const { values, positionals, refuse } = commandLine(import.meta.url, {
  honest: 20,
  sybils: 80,
  /** Of each side, beside that of the victim. */
  processes: 2,
  words: 15,
  only: names.join(),
  json: false,
})
const only = values.only.split(',').filter(name => name !== '')
const [stray] = [...positionals, ...only.filter(name => !(names as string[]).includes(name))]
if (stray !== undefined) refuse(`there is no attack '${stray}'`)
if (values.honest < 6 || values.sybils < 1 || values.processes < 1 || values.words < 1)
  refuse('it takes 6 honest peers, a Sybil, a process and a word at least')

const { honest, sybils, processes, words } = values
const say = (line: string) => void process.stdout.write(`${line}\n`)
if (!values.json) say(`${honest} honest peers, ${sybils} Sybils; each attack lasts ${words} s`)
const results = await siege({
  ...{ honest, sybils, processes, words },
  attacks: names.filter(name => only.includes(name)),
  say: line => values.json || say(line),
  onResult: result => say(values.json ? JSON.stringify({ ...result, verdict: verdict(result) }) : told(result)),
})
process.exit(results.every(result => verdict(result) === 'kept') ? 0 : 1)
