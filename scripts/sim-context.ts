/**
 * Random histories of a space in the product's own code: `npm run sim:context -- --seeds 2000 [--seed 1] [--faulty
 * f+1]`. Members have to end alike, with nothing lost that was promised. With `--faulty f+1` one verifier more lies
 * than a quorum bears: then violations must be found, or the harness sees nothing. Exit code 1: not as it must be.
 */
import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type Trial, type TrialInit, trial } from '../test/simulation/context/trial.ts'
import { commandLine } from './command-line.ts'

if (isMainThread) process.exit(await main())
for (const init of workerData as TrialInit[]) parentPort?.postMessage(await trial(init))

async function main(): Promise<number> {
  const { values, refuse } = commandLine(import.meta.url, { seeds: 200, seed: 1, deeds: 24, faulty: 'f' })
  const { seeds, seed: first, deeds } = values
  if (!(seeds > 0) || !(deeds > 0) || !Number.isInteger(first) || !['f', 'f+1'].includes(values.faulty))
    refuse('so many histories there cannot be')
  const liars = values.faulty === 'f' ? 'tolerated' : 'one-more'
  const started = performance.now()
  const trials = await inParallel(Array.from({ length: seeds }, (_, n) => ({ seed: first + n, liars, deeds })))
  const broken = trials.filter(({ violations }) => violations.length > 0)
  const seen = Object.keys(trials[0]?.seen ?? {}).map(
    what => `${sum(trials.map(each => each.seen[what as keyof Trial['seen']]))} ${what}`,
  )
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  const verdict = `${broken.length} of ${seeds} histories broke a promise`
  process.stdout.write(`${verdict}; ${seen.join(', ')}; ${seconds} s\n`)
  if (liars === 'tolerated') return broken.length === 0 ? 0 : 1
  if (broken.length === 0) process.stdout.write('none was found, though too many lied: the harness is blind\n')
  return broken.length === 0 ? 1 : 0
}

/** A share of the trials on each processor. Broken ones are told at once, with how to repeat them. */
async function inParallel(inits: readonly Required<TrialInit>[]): Promise<Trial[]> {
  const workers = Math.min(availableParallelism(), inits.length)
  const trials: Trial[] = []
  const share = (nth: number) => inits.filter((_, n) => n % workers === nth)
  const runs = Array.from({ length: workers }, (_, nth) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share(nth) })
    worker.on('message', (done: Trial) => {
      trials.push(done)
      if (done.violations.length > 0) process.stdout.write(`${told(done, inits[0] as Required<TrialInit>)}\n`)
    })
    return new Promise<void>((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', code => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
    })
  })
  await Promise.all(runs)
  return trials
}

function told({ seed, violations }: Trial, { liars, deeds }: Required<TrialInit>): string {
  const faulty = liars === 'one-more' ? ' --faulty f+1' : ''
  const repeat = `npm run sim:context -- --seeds 1 --seed ${seed} --deeds ${deeds}${faulty}`
  const more = violations.length > 3 ? `\n  and ${violations.length - 3} more` : ''
  return `seed ${seed}: ${violations.slice(0, 3).join('\n  ')}${more}\n  repeat it: ${repeat}`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
