/** A check: one thing a requirement promises, and how to find out at a gateway. */
import type { Visit } from './visit.ts'

export interface Check {
  /** Of PROTOCOL.md, e.g. GW-3. */
  readonly requirement: string
  /** What holds when it passes. */
  readonly title: string
  /** Throws Unmet, Unobservable or Unprepared. */
  run(visit: Visit): Promise<void>
}
