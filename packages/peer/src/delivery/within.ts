/** A signal that aborts at a deadline. */
import { AmpError, type Cancel, type Clock } from '@amp-mesh/protocol'

/** Aborts with `expired` after `ms`, or as `signal` does. `cancel` is to be called when it is not needed any more. */
export function within(clock: Clock, ms: number, signal: AbortSignal): { signal: AbortSignal; cancel: Cancel } {
  const late = new AbortController()
  const cancel = clock.after(ms, () => late.abort(new AmpError('expired', 'no answer came before the deadline')))
  return { signal: AbortSignal.any([signal, late.signal]), cancel }
}
