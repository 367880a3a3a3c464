/** Waiting in tests: until something is so; never for a fixed time. */

/** Looks often until `condition` holds; fails after `ms` with what was waited for. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, ms = 40_000): Promise<void> {
  const deadline = performance.now() + ms
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms for: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/** The same, for a condition that says what it waits for. */
export const eventually = (condition: () => boolean | Promise<boolean>, ms?: number): Promise<void> =>
  until(String(condition), condition, ms)
