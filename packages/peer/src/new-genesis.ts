/** The genesis of a space made here: what its founder decides, the rest at its defaults. */
import { type Genesis, QUESTION_DEFAULTS, SPACE_LIMITS, toBase64url } from '@amp-mesh/protocol'

export interface GenesisInit extends Pick<Genesis, 'mesh' | 'name' | 'founder' | 'verifiers'> {
  /** Whoever else may write. Given: the space is closed; absent: verifiers admit whoever offers. */
  writers?: string[]
  budgetMs?: number
  offerWindowMs?: number
  /** 16 random bytes: two spaces of one founder with the same question are two spaces. */
  salt: Uint8Array
}

export function newGenesis({ mesh, name, founder, verifiers, writers, budgetMs, offerWindowMs, salt }: GenesisInit) {
  const genesis: Genesis = {
    v: 1,
    mesh,
    name: name.slice(0, 256),
    founder,
    verifiers,
    open: writers === undefined,
    ...(writers !== undefined && { writers }),
    policy: { domains: 1 },
    budget: { ms: budgetMs ?? QUESTION_DEFAULTS.budgetMs },
    offerWindowMs: offerWindowMs ?? QUESTION_DEFAULTS.offerWindowMs,
    limits: SPACE_LIMITS,
    salt: toBase64url(salt),
  }
  return genesis
}
