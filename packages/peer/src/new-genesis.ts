/** The genesis of a space made here: what its founder decides, the rest at its defaults. */
import {
  encodeGenesis,
  type Genesis,
  QUESTION_DEFAULTS,
  type Random,
  SPACE_LIMITS,
  spaceIdOf,
  toBase64url,
} from '@amp-mesh/protocol'

export interface GenesisInit extends Pick<Genesis, 'mesh' | 'name' | 'founder' | 'verifiers'> {
  /** Whoever else may write. Given: the space is closed; absent: verifiers admit whoever offers. */
  writers?: string[]
  budgetMs?: number
  offerWindowMs?: number
  random: Random
}

/** A genesis whose space has an id that begins with no dash: on a command line it would read as an option. */
export function newGenesis(init: GenesisInit): Genesis {
  for (;;) {
    const genesis = genesisOf(init)
    if (!spaceIdOf(encodeGenesis(genesis)).startsWith('-')) return genesis
  }
}

function genesisOf(init: GenesisInit): Genesis {
  const { mesh, name, founder, verifiers, writers, budgetMs, offerWindowMs, random } = init
  return {
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
    // two spaces of one founder with the same question are two spaces
    salt: toBase64url(random.bytes(16)),
  }
}
