/** A lock among the tabs of an origin: had by one at a time, and free again when its tab ends, however it ends. */

/**
 * Resolves with the way to let go of the lock when it is had; with `ifAvailable` at once, undefined if another has it.
 */
export function holdLock(name: string): Promise<() => void>
export function holdLock(name: string, options: { ifAvailable: true }): Promise<(() => void) | undefined>
export async function holdLock(name: string, options: LockOptions = {}): Promise<(() => void) | undefined> {
  const held = Promise.withResolvers<void>()
  const taken = Promise.withResolvers<boolean>()
  navigator.locks
    .request(name, options, lock => {
      taken.resolve(lock !== null)
      return lock === null ? undefined : held.promise
    })
    .catch(taken.reject)
  return (await taken.promise) ? held.resolve : undefined
}
