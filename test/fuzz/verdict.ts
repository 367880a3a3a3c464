/** What the outcome of a fuzz run must be. */
import { TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import { CLOSE_MS } from '../../packages/peer/src/network/hardened-web-sockets.ts'
import type { BranchCoverage } from './coverage.ts'
import type { DecodersOutcome } from './decoders.ts'
import type { SiegeInit, SiegeOutcome } from './siege.ts'

/** One input at the decoders, ms: the largest take 10, and a busy machine may look elsewhere for a while. */
const INPUT_MS = 1_000
const GROWTH = 1.1
/** Runs too short to be warm in their first tenth say nothing of memory. */
const WARM = { decoders: 200_000, siege: 10_000 } as const
const BRANCHES = 0.9
/** The longest deadlines of the port, to shake hands and then to say goodbye, and a second. */
const OPEN_MS = TRANSPORT_LIMITS.upgradeMs + CLOSE_MS + 1_000
const DIAL_MS = 1_000

/** Of all files together, 0..1. */
export function branchShare(files: readonly BranchCoverage[]): number {
  const sum = (of: 'reached' | 'branches') => files.reduce((total, file) => total + file[of], 0)
  return sum('reached') / sum('branches')
}

export function decodersFaults(outcome: DecodersOutcome): string[] {
  const { inputs, crash, hung, slowestMs, growth, coverage } = outcome
  return faultsOf([
    [crash !== undefined, `it crashed after some ${inputs} inputs: ${crash}`],
    [hung, `it hung after some ${inputs} inputs`],
    [slowestMs > INPUT_MS, `one input took ${Math.round(slowestMs)} ms`],
    [inputs >= WARM.decoders && growth > GROWTH, `its memory grew to ${growth.toFixed(2)} of what it was`],
    [!(branchShare(coverage) >= BRANCHES), `only ${branchShare(coverage).toFixed(3)} of the branches were reached`],
  ])
}

export function siegeFaults(outcome: SiegeOutcome, meant: Omit<SiegeInit, 'seed'>): string[] {
  const { sockets, streams, conversations, isAlive, faults, longestOpenMs, growth, healthyDialMs, socketsLeft } =
    outcome
  const isWarm = meant.sockets + meant.streams >= WARM.siege
  return faultsOf([
    [!isAlive, 'the peer died'],
    [faults.length > 0, faults.join('\n')],
    [sockets < meant.sockets / 2, `invalid: only ${sockets} of ${meant.sockets} sockets were opened`],
    [streams < meant.streams / 2, `invalid: only ${streams} of ${meant.streams} streams were opened`],
    [conversations < meant.conversations / 2, `invalid: only ${conversations} conversations began`],
    [longestOpenMs > OPEN_MS, `a silent socket stayed open for ${Math.round(longestOpenMs)} ms`],
    [socketsLeft > 0, `${socketsLeft} sockets were left open`],
    [isWarm && growth > GROWTH, `its memory grew to ${growth.toFixed(2)} of what it was`],
    [healthyDialMs > DIAL_MS, `a healthy dial took ${Math.round(healthyDialMs)} ms`],
  ])
}

const faultsOf = (checks: readonly (readonly [isFault: boolean, words: string])[]): string[] =>
  checks.flatMap(([isFault, words]) => (isFault ? [words] : []))
