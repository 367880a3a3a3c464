/** How a check ends that does not pass: a promise that was not kept, or one that could not be looked at. */
import { isDeepStrictEqual } from 'node:util'

/** The implementation does something else than the document says. */
export class Unmet extends Error {
  readonly expected: string
  readonly came: string
  /** Nothing came until the deadline. */
  readonly late: boolean

  constructor(expected: string, came: string, late = false) {
    super(`expected ${expected}; came ${came}`)
    this.expected = expected
    this.came = came
    this.late = late
  }
}

/** From outside nobody can tell. */
export class Unobservable extends Error {}

/** What the check begins with did not work, which is for another check to report. */
export class Unprepared extends Error {}

/** `what`: of what the values are, e.g. "the status without a token". */
export function same(what: string, expected: unknown, came: unknown): void {
  if (!isDeepStrictEqual(came, expected)) throw new Unmet(`${what}: ${shown(expected)}`, shown(came))
}

export function holds(expected: string, condition: boolean, came: unknown): void {
  if (!condition) throw new Unmet(expected, shown(came))
}

/** Any value in few words. */
export function shown(value: unknown): string {
  const text = (typeof value === 'string' ? value : JSON.stringify(value)) ?? 'nothing'
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`
}

const SHOWN = 240
