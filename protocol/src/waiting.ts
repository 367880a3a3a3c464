/** Waiting that ends: after a while of a clock's time, or when a signal aborts. */
import { AmpError } from './errors.ts'
import type { Clock } from './ports.ts'

/** Resolves after `ms` of the clock's time; rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Waits for `promise`, but not past `signal`, which a library or an agent may overlook. Rejects with its reason. */
export function orAborted<T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).then(() => signal.removeEventListener('abort', stop))
  })
}

/**
 * The task's outcome, if it comes within `ms` of the clock's time and before `signal` aborts; else rejects, whatever
 * the task still waits for. The task's own signal aborts then.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const deadline = new AbortController()
  const either = AbortSignal.any([signal, deadline.signal])
  const cancel = clock.after(ms, () => deadline.abort(new AmpError('unreachable', `no answer within ${ms} ms`)))
  try {
    return await orAborted(task(either), either)
  } finally {
    cancel()
  }
}
