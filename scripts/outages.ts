/**
 * `npm run outages [-- --only stopped,bootstrap,slow] [--minutes 30] [--loss 15] [--delay 800] [--json]`: peers that
 * are away, and a network that is bad, against what is promised. Fails where a promise is not kept; the bad network
 * needs Linux with namespaces and nft, and is left out with a word elsewhere.
 */
import '../test/compile-cache.ts'
import { bootstrapAway, stopped } from '../test/outages/away.ts'
import { slowNetwork, whyNoSlowNetwork } from '../test/outages/slow-network.ts'
import { commandLine } from './command-line.ts'

const { values } = commandLine(import.meta.url, {
  only: 'stopped,bootstrap,slow',
  minutes: 30,
  loss: 15,
  delay: 800,
  json: false,
})
const wanted = values.only.split(',')
let kept = true

if (wanted.includes('stopped')) {
  const outcome = await stopped(30)
  tell('stopped for 30 s', outcome, outcome.suspectedMs <= 5_000 && outcome.backMs <= 5_000)
}
if (wanted.includes('bootstrap')) {
  const outcome = await bootstrapAway(75)
  tell('bootstrap away for 75 s', outcome, outcome.suspectedMs <= 5_000 && outcome.backMs <= 10_000)
}
if (wanted.includes('slow')) {
  const why = whyNoSlowNetwork()
  const network = { minutes: values.minutes, loss: values.loss, delayMs: values.delay }
  const what = `${network.minutes} min at ${network.loss} % loss and ${network.delayMs} ms`
  if (why !== undefined) process.stdout.write(`skipped ${what}: ${why}\n`)
  else {
    const outcome = await slowNetwork(network)
    const rate = outcome.falseSuspicions / outcome.peerHours
    tell(
      what,
      { ...outcome, falseSuspicionsPerPeerHour: Number(rate.toFixed(2)) },
      outcome.falseGone === 0 && outcome.reachable === outcome.pairs,
    )
  }
}
process.exit(kept ? 0 : 1)

function tell(what: string, outcome: object, isKept: boolean): void {
  kept &&= isKept
  const figures = Object.entries(outcome).map(([name, value]) => `${name} ${Math.round(value * 100) / 100}`)
  const line = values.json ? JSON.stringify({ what, ...outcome, kept: isKept }) : `${what}: ${figures.join(', ')}`
  process.stdout.write(values.json ? `${line}\n` : `${isKept ? 'kept  ' : 'BROKEN'} ${line}\n`)
}
