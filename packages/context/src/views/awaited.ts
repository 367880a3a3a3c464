/** Whose answer to the question is still out. */
import type { Genesis, PublicKey } from '@amp-mesh/protocol'
import { verifiersOf } from '../ledger/authors.ts'
import type { Records } from '../records.ts'

/**
 * Verifiers, the founder aside, whose agents neither offered nor refused yet. They were picked because they fit and
 * could be reached, so a conclusion may well wait a little for them; `suspected` ones are not waited for.
 */
export function awaited(records: Records, genesis: Genesis, suspected: ReadonlySet<PublicKey>): PublicKey[] {
  const answered = new Set([...records.of('capability_match'), ...records.of('refuse')].map(({ by }) => by))
  return [...verifiersOf(genesis)].filter(pub => pub !== genesis.founder && !suspected.has(pub) && !answered.has(pub))
}
