/** How many of a space's verifiers it takes: CONTEXT.md §12. One verifier, one voice. */
import type { Genesis } from '@amp-mesh/protocol'

/** What `n` verifiers can bear and what they can decide. */
export interface Quorum {
  readonly n: number
  /** Verifiers that may be faulty: ⌊(n−1)/3⌋. */
  readonly faulty: number
  /** f+1: at least one of them is honest. */
  readonly some: number
  /** Q = ⌈(n+f+1)/2⌉: any two sets of so many share an honest verifier, so that at most one of two sides gets it. */
  readonly most: number
}

export function quorumOf(genesis: Pick<Genesis, 'verifiers'>): Quorum {
  const n = genesis.verifiers.length
  const faulty = Math.floor((n - 1) / 3)
  return { n, faulty, some: faulty + 1, most: Math.ceil((n + faulty + 1) / 2) }
}
