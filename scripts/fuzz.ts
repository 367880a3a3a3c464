/**
 * `npm run fuzz [-- --share 0.1] [--seed 1] [--only decoders,mutant,siege] [--json]`: a million frames, bodies and JSON
 * texts at the decoders; 20,000 raw sockets, 5,000 conversations with the gateway and 50,000 authenticated streams at
 * one living peer. Fails when anything crashes, hangs, grows or is left over, when the mutant is not found, or when
 * less was sent than was meant to be.
 */
import { fuzzDecoders } from '../test/fuzz/decoders.ts'
import { siege } from '../test/fuzz/siege.ts'
import { branchShare, decodersFaults, siegeFaults } from '../test/fuzz/verdict.ts'
import { commandLine } from './command-line.ts'

const { values } = commandLine(import.meta.url, {
  share: 1,
  seed: Date.now() % 1_000_000,
  only: 'decoders,mutant,siege',
  json: false,
})
const { share, seed } = values
const wanted = values.only.split(',')
const times = (count: number) => Math.max(1, Math.round(count * share))
let failed = false

say(`seed ${seed}; the same again: npm run fuzz -- --share ${share} --seed ${seed}`)
if (wanted.includes('decoders')) {
  const outcome = await fuzzDecoders(seed, times(1_000_000))
  const { inputs, slowestMs, growth, outcomes, digest, coverage } = outcome
  const missed = coverage.flatMap(({ file, missed }) => missed.map(source => `${file}: ${source}`))
  tell('decoders', { inputs, slowestMs, growth, branches: branchShare(coverage), digest }, decodersFaults(outcome))
  say(`  outcomes ${JSON.stringify(outcomes)}`)
  for (const each of missed) say(`  not reached: ${each.replace(/\s+/g, ' ').slice(0, 100)}`)
}
if (wanted.includes('mutant')) {
  const { inputs, crash, hung } = await fuzzDecoders(seed, times(20_000), true)
  const why = crash === undefined && !hung ? ['the mutant without the depth scan was not found'] : []
  tell('without the depth scan', { inputs, crash: crash ?? '' }, why)
}
if (wanted.includes('siege')) {
  const meant = { sockets: times(20_000), conversations: times(5_000), streams: times(50_000) }
  const outcome = await siege({ seed, ...meant, onProgress: what => say(`  ${what}`) })
  const { protocols, faults: _, ...figures } = outcome
  tell('siege', { ...figures, protocols: protocols.length }, siegeFaults(outcome, meant))
}
process.exit(failed ? 1 : 0)

function tell(what: string, figures: Record<string, number | string | boolean>, faults: readonly string[]): void {
  failed ||= faults.length > 0
  if (values.json) process.stdout.write(`${JSON.stringify({ what, seed, ...figures, faults })}\n`)
  const words = Object.entries(figures).map(([name, value]) => `${name} ${rounded(value)}`)
  say(`${faults.length === 0 ? 'kept  ' : 'BROKEN'} ${what}: ${words.join(', ')}`)
  for (const fault of faults) say(`  ${fault}`)
}

function say(line: string): void {
  if (!values.json) process.stdout.write(`${line}\n`)
}

function rounded(value: number | string | boolean): number | string | boolean {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value
}
