/** What a gateway said on one line, in order, and waiting for the next word of it: never past the deadline. */
import { shown, Unmet } from './unmet.ts'

/** A message as it came. */
export interface Told {
  readonly type: string
  readonly [field: string]: unknown
}

/** A decoded value as a message; one without a type is unreadable. */
export function toldBy(value: unknown): Told {
  if (value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string')
    return { ...value, type: value.type }
  return unreadable(shown(value))
}

/** Stands in place of what can't be read. */
export const unreadable = (what: string): Told => ({ type: 'unreadable', what })

export type Fields = Readonly<Record<string, unknown>>

/** Messages of a line that are kept: far more than any check asks for. */
const MOST = 20_000

export class Hearing {
  readonly told: Told[] = []
  readonly #patienceMs: number
  readonly #taken = new Set<Told>()
  readonly #looking = new Set<() => void>()
  #ended: string | undefined

  /** `patienceMs`: how long to wait for anything. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  push(told: Told): void {
    if (this.told.length >= MOST) return this.end(`more than ${MOST} messages`)
    this.told.push(told)
    this.#look()
  }

  /** Nothing more will come. `how`: in words. */
  end(how: string): void {
    this.#ended ??= how
    this.#look()
  }

  of(type: string): Told[] {
    return this.told.filter(told => told.type === type)
  }

  /**
   * The next message of this type (or one of these) with these fields that was not asked for yet. Throws Unmet when it
   * does not come, or can't any more. `extraMs`: what may take longer than an answer.
   */
  async hears(type: string | readonly string[], fields: Fields = {}, extraMs = 0): Promise<Told> {
    const types = [type].flat()
    const find = () => this.told.find(told => types.includes(told.type) && !this.#taken.has(told) && fits(told, fields))
    const what = `${types.map(each => `"${each}"`).join(' or ')}${hasAny(fields) ? ` with ${shown(fields)}` : ''}`
    const found = await this.#until(what, find, extraMs)
    this.#taken.add(found)
    return found
  }

  /** In words, how the line ended. Throws Unmet when it does not. */
  ended(expected: string): Promise<string> {
    return this.#until(expected, () => this.#ended, 0)
  }

  #until<T>(what: string, find: () => T | undefined, extraMs: number): Promise<T> {
    const waitMs = this.#patienceMs + extraMs
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer)
        this.#looking.delete(look)
      }
      const look = () => {
        const found = find()
        if (found === undefined && this.#ended === undefined) return
        stop()
        if (found === undefined) reject(new Unmet(what, `${this.#last()}; then ${this.#ended}`))
        else resolve(found)
      }
      const timer = setTimeout(() => {
        stop()
        reject(new Unmet(`${what} within ${waitMs / 1_000} s`, this.#last(), true))
      }, waitMs)
      this.#looking.add(look)
      look()
    })
  }

  #look(): void {
    for (const look of [...this.#looking]) look()
  }

  #last(): string {
    const last = this.told.at(-1)
    return last === undefined ? 'nothing' : `as the last message ${shown(last)}`
  }
}

const hasAny = (fields: Fields) => Object.keys(fields).length > 0

const fits = (told: Told, fields: Fields): boolean =>
  Object.entries(fields).every(([name, value]) => told[name] === value)
