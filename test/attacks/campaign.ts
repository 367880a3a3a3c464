/** Makes attacks one after the other, on victims with or without their guards, and counts the breaches. */
import { Arena } from './arena.ts'
import type { Attack } from './attack.ts'
import { breach, type Outcome } from './outcome.ts'

/** With its guards switched off the product must fall to this many, or the attacks prove nothing. */
export const BREACHES_WITHOUT_GUARDS = 25

export interface Row {
  readonly n: number
  readonly name: string
  readonly outcome: Outcome
}

/** Of the attacks on real peers. Victims that crashed or hang are replaced by new ones. */
export async function* campaign(attacks: readonly Attack[], guarded: boolean): AsyncGenerator<Row> {
  let arena = await Arena.open(guarded)
  try {
    for (const attack of attacks) {
      const outcome = await attack.here(arena).catch((error: Error) => breach(error.message))
      yield { n: attack.n, name: attack.name, outcome }
      if (await arena.isSound()) continue
      await arena.close()
      arena = await Arena.open(guarded)
    }
  } finally {
    await arena.close()
  }
}

/** Of the same attacks on plain Yjs. */
export async function* onPlainYjs(attacks: readonly Attack[]): AsyncGenerator<Row> {
  for (const { n, name, plain } of attacks) yield { n, name, outcome: await plain() }
}

export const breaches = (rows: readonly Row[]): Row[] => rows.filter(({ outcome }) => outcome.breach)
