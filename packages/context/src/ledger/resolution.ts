/** What stays of a log whose author signed more than one history: CONTEXT.md §6. */
import { sha256, u48, utf8 } from '@amp-mesh/protocol'
import { type AckView, type Bench, finalSeq } from './acks.ts'
import { type Chain, isSame } from './history.ts'

/** The history that counts from the fork point on, and its last entry that does. */
export interface Resolution<C extends Chain> {
  readonly chain: C
  readonly to: number
}

/**
 * A function of the histories from `at` on and of all acks ever made: the one that Q verifiers acknowledged stays up to
 * the last entry they did; undefined: all of them are cut before `at`. Two different ones can't have a quorum while at
 * most f verifiers lie; should more do, nothing is proven and all is cut.
 *
 * It only ever gets to know more: a further history, a further ack, one more broken verifier can make the part that
 * stays longer, never shorter, and whoever holds the history and the acks comes to the same. So peers that exchange
 * what they rest on agree, though nobody may hold everything that was signed.
 */
export function resolve<C extends Chain>(
  at: number,
  chains: readonly C[],
  acks: AckView,
  bench: Bench,
): Resolution<C> | undefined {
  const proven = chains.map(chain => ({ chain, to: finalSeq(chain, acks, bench) })).filter(({ to }) => to >= at)
  const [longest, ...others] = proven.sort((a, b) => b.to - a.to)
  if (longest === undefined) return undefined
  return others.every(({ chain, to }) => isSame(chain.hashAt(to), longest.chain.hashAt(to))) ? longest : undefined
}

/** Equal for peers that cut a log alike. `to`: last entry that stays; below `at` if nothing does from there on. */
export function digestOf(at: number, chain: Chain, to: number): Uint8Array {
  const last = chain.hashAt(Math.max(to, at - 1)) as Uint8Array
  return sha256(utf8('fork'), chain.hashAt(at - 1) as Uint8Array, u48(at), last)
}
