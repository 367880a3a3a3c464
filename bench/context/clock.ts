/** How the context bench measures: the processor time of this process, since other work on the machine is not ours. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { median } from '../figures/summary.ts'

/** Processor time this process has used, ms: its threads' and the system's for it. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Items per second of processor time: the best of `rounds`, for what disturbs only makes it slower. */
export function rate(items: number, rounds: number, run: () => void): number {
  let best = 0
  for (let i = 0; i < rounds; i++) {
    const started = processorMs()
    run()
    best = Math.max(best, (items / (processorMs() - started)) * 1_000)
  }
  return best
}

/** Items per second of processor time, and how many of ours there are to one of theirs. */
export interface Comparison {
  ours: number
  theirs: number
  ratio: number
}

const TURNS = 5

/**
 * Ours and theirs by turns: what else the machine does meets both alike, which the ratio of a turn can rely on. The
 * first run of a turn has the other's garbage to clear and is not counted. (To collect all garbage would also throw
 * away compiled code, and each run would measure the compiler.) The medians of all turns.
 */
export function byTurns(items: number, ours: () => void, theirs: () => void): Comparison {
  const counted = (run: () => void) => {
    run()
    return rate(items, 1, run)
  }
  const turns = Array.from({ length: TURNS }, () => ({ ours: counted(ours), theirs: counted(theirs) }))
  return {
    ours: median(turns.map(turn => turn.ours)),
    theirs: median(turns.map(turn => turn.theirs)),
    ratio: median(turns.map(turn => turn.ours / turn.theirs)),
  }
}

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Bytes in use: the heap and what typed arrays hold outside of it. */
export function memory(): number {
  gc()
  gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Says what is going on, where people see it and no program reads it. */
export function progress(text: string): void {
  process.stderr.write(`… ${text}\n`)
}
