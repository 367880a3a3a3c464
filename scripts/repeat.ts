/**
 * Runs one story often: `npm run repeat -- <story> --times 20 [--seed 1]`. Each run has its own seed; a failing one
 * prints how to repeat it.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import bundlePrograms from '../test/bundle.ts'
import { commandLine } from './command-line.ts'

const FOLDER = new URL('../test/scenarios/', import.meta.url)
const VITEST = new URL('../node_modules/vitest/vitest.mjs', import.meta.url).pathname

const { values, positionals, refuse } = commandLine(import.meta.url, { times: 10, seed: 1 })
const story = positionals[0] ?? ''
const { times, seed: firstSeed } = values

const stories = readdirSync(FOLDER)
  .filter(name => name.endsWith('.test.ts'))
  .map(name => name.replace('.test.ts', ''))
if (!existsSync(new URL(`${story}.test.ts`, FOLDER)) || !(times > 0)) refuse(`name a story: ${stories.join(', ')}`)

await bundlePrograms()
let passed = 0
const durations: number[] = []
for (let seed = firstSeed; seed < firstSeed + times; seed++) {
  const started = performance.now()
  const { code, output } = await run(story, seed)
  const seconds = (performance.now() - started) / 1000
  durations.push(seconds)
  if (code === 0) passed++
  const verdict = code === 0 ? 'ok' : 'FAILED'
  process.stdout.write(
    `${story} seed ${seed}: ${verdict} in ${seconds.toFixed(1)} s (${passed} of ${durations.length})\n`,
  )
  if (code !== 0) process.stdout.write(`${output}\nrepeat it: npm run repeat -- ${story} --times 1 --seed ${seed}\n`)
}
durations.sort((a, b) => a - b)
const median = durations[Math.floor(durations.length / 2)] ?? 0
process.stdout.write(`${passed} of ${times} passed, median ${median.toFixed(1)} s\n`)
process.exit(passed === times ? 0 : 1)

function run(name: string, seed: number): Promise<{ code: number | null; output: string }> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [VITEST, 'run', `test/scenarios/${name}.test.ts`], {
      env: { ...process.env, AMP_SEED: String(seed), AMP_REPEAT: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('close', code => resolve({ code, output }))
  })
}
