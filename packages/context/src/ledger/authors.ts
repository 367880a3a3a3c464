/** Who may write in a space: a function of its genesis and the verifiers' `admit` records, the same everywhere. */
import { type Genesis, LEDGER_LIMITS, type PublicKey } from '@amp-mesh/protocol'
import type { Log } from './log.ts'

export const verifiersOf = (genesis: Genesis): ReadonlySet<PublicKey> =>
  new Set(genesis.verifiers.map(verifier => verifier.pub))

/** The authors of a space as its logs are known so far. */
export class Authors {
  readonly #genesis: Genesis
  #all: ReadonlySet<PublicKey>

  constructor(genesis: Genesis) {
    this.#genesis = genesis
    this.#all = authorsOf(genesis, [])
  }

  has(pub: PublicKey): boolean {
    return this.#all.has(pub)
  }

  /** `logs`: the visible ones. Who came, and whether somebody went. */
  update(logs: Iterable<Log>): { gained: readonly PublicKey[]; lost: boolean } {
    const before = this.#all
    this.#all = authorsOf(this.#genesis, logs)
    return {
      gained: [...this.#all].filter(by => !before.has(by)),
      lost: [...before].some(by => !this.#all.has(by)),
    }
  }
}

/**
 * Verifiers; in a closed space the genesis' writers too; in an open one whom the verifiers admitted, each verifier's
 * first 64 `admit` records counting, in order of epoch and number. An admission is for ever: retracting the record
 * does not undo it. `logs`: the visible ones.
 */
function authorsOf(genesis: Genesis, logs: Iterable<Log>): Set<PublicKey> {
  const authors = new Set(verifiersOf(genesis))
  if (!genesis.open) return new Set([...authors, ...(genesis.writers ?? [])])
  const inOrder = [...logs].sort((a, b) => a.epoch - b.epoch)
  for (const verifier of verifiersOf(genesis)) {
    const admits = inOrder.filter(log => log.by === verifier).flatMap(admittedIn)
    for (const pub of admits.slice(0, LEDGER_LIMITS.admitsPerVerifier)) authors.add(pub)
  }
  return authors
}

function admittedIn(log: Log): PublicKey[] {
  return log.records.flatMap(({ op }) => (op?.k === 'admit' ? [op.pub] : []))
}
