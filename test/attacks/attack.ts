/** One row of the table: an attack, what plain Yjs sync makes of it, and what a running mesh does. */
import type { Arena } from './arena.ts'
import type { Outcome } from './outcome.ts'

export interface Attack {
  /** 1 to 55: the row of CONTEXT.md §16; above: our own. */
  readonly n: number
  readonly name: string
  /** What stops it stands in guards.ts: without that it must get through. */
  readonly needsGuard?: true
  /** It takes seconds: left to `npm run attacks`, not in every `npm test`. */
  readonly isLong?: true
  /** The same against Yjs documents that speak y-protocols with each other. */
  plain(): Outcome | Promise<Outcome>
  /** Against two real peers. */
  here(arena: Arena): Promise<Outcome>
}
