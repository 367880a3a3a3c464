/** Hostile frames, bodies and JSON at the decoders of a process of their own, which is watched. */
import { fork } from 'node:child_process'
import type { BranchCoverage } from './coverage.ts'

export type DecodersReport =
  | { event: 'progress'; inputs: number; rss: number; slowestMs: number }
  | { event: 'coverage'; files: BranchCoverage[] }
  | { event: 'done'; outcomes: Record<string, number>; digest: string }

export interface DecodersOutcome {
  inputs: number
  /** Why the process ended before its time; undefined: it did not. */
  crash: string | undefined
  /** No progress for longer than the deadline. */
  hung: boolean
  /** Of the longest single input, ms. */
  slowestMs: number
  /** Resident memory in the end, against that after the first tenth. */
  growth: number
  coverage: BranchCoverage[]
  /** How often each outcome came about, and a digest of all in order: the same for the same seed. */
  outcomes: Record<string, number>
  digest: string
}

const MAIN = new URL('./decoders-main.ts', import.meta.url).pathname
const DEPTH_OFF = new URL('./depth-off.ts', import.meta.url).href
/** 2,000 inputs take a fraction of a second; a machine with other things to do may take its time. */
const SILENCE_MS = 30_000

/** `withoutDepth`: the mutant whose bodies may nest as deep as they like. */
export function fuzzDecoders(seed: number, inputs: number, withoutDepth = false): Promise<DecodersOutcome> {
  const execArgv = ['--expose-gc', ...(withoutDepth ? ['--import', DEPTH_OFF] : [])]
  const child = fork(MAIN, [String(seed), String(inputs)], {
    execArgv,
    // V8 counts the branches of cached code less exactly
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  const outcome: DecodersOutcome = {
    ...{ inputs: 0, crash: undefined, hung: false, slowestMs: 0, growth: 1 },
    ...{ coverage: [], outcomes: {}, digest: '' },
  }
  let warm = 0
  let errors = ''
  child.stderr?.on('data', chunk => {
    errors = (errors + chunk).slice(-2_000)
  })
  let watchdog = setTimeout(hang, SILENCE_MS)
  function hang() {
    outcome.hung = true
    child.kill('SIGKILL')
  }
  child.on('message', (report: DecodersReport) => {
    clearTimeout(watchdog)
    watchdog = setTimeout(hang, SILENCE_MS)
    if (report.event === 'coverage') outcome.coverage = report.files
    else if (report.event === 'done') Object.assign(outcome, { outcomes: report.outcomes, digest: report.digest })
    else {
      Object.assign(outcome, { inputs: report.inputs, slowestMs: report.slowestMs })
      if (warm === 0 && report.inputs >= inputs / 10) warm = report.rss
      outcome.growth = warm === 0 ? 1 : report.rss / warm
    }
  })
  return new Promise(resolve => {
    child.once('exit', (code, signal) => {
      clearTimeout(watchdog)
      const word = errors.split('\n').find(line => /Error/.test(line)) ?? errors.trim()
      if (code !== 0 && !outcome.hung) outcome.crash = `${signal ?? code}: ${word}`
      resolve(outcome)
    })
  })
}
