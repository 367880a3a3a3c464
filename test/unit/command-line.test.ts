/** Scripts and benchmarks tell how they are used, and take nothing they do not know. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { commandLine } from '../../scripts/command-line.ts'

const REPEAT = new URL('../../scripts/repeat.ts', import.meta.url)
const repeat = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [REPEAT.pathname, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

it('values are of the type of their defaults', () => {
  const defaults = { times: 10, only: '', json: false, embedder: [] }
  const given = ['kill', '--times', '3', '--json', '--embedder', 'a', '--embedder', 'b']
  const { values, positionals } = commandLine(REPEAT.href, defaults, given)
  expect(values).toEqual({ times: 3, only: '', json: true, embedder: ['a', 'b'] })
  expect(positionals).toEqual(['kill'])
})

it('`--help` says what the script is for, and its options', () => {
  const { status, stdout } = repeat('--help')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^Runs one story often/)
  expect(stdout).toContain('options: --help  --times 10  --seed 1')
})

it.each([
  [['--tims', '3'], "Unknown option '--tims'"],
  [['kill', '--times', 'x'], "--times takes a number, not 'x'"],
  [['nothing'], 'name a story: '],
])('%j is refused with a word and the help', (args, word) => {
  const { status, stderr } = repeat(...args)
  expect(status).toBe(2)
  expect(stderr).toContain(word)
  expect(stderr).toContain('Runs one story often')
})
