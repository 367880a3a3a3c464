/** What became of an attack: whether it got through, and what was seen of it. */

export interface Outcome {
  readonly breach: boolean
  /** The code, verdict or damage seen. */
  readonly saw: string
}

export const stopped = (saw: string): Outcome => ({ breach: false, saw })
export const breach = (saw: string): Outcome => ({ breach: true, saw })
/** A breach if `through`. */
export const judged = (through: boolean, saw: string): Outcome => ({ breach: through, saw })

/** What an action threw. */
export function failureOf(action: () => void): Error | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return error as Error
  }
}
