/** Deadlines of one model call on a handed-in clock: all of it, and the longest silence inside it. */
import { AmpError, type Cancel, type Clock } from '@amp-mesh/protocol'

export interface Watch extends Disposable {
  /** Aborts when the caller stops, at the deadline, or after too long a silence. */
  readonly signal: AbortSignal
  /** Something came: the next silence may last `ms`. */
  alive(ms: number): void
  /** Nothing is expected for now (between two attempts). */
  pause(): void
  /** ms until the deadline. */
  left(): number
}

export function deadlineOf(clock: Clock, ms: number, caller?: AbortSignal): Watch {
  const controller = new AbortController()
  const until = clock.now() + ms
  const fail = (message: string) => controller.abort(new AmpError('model-failed', message))
  const stop = () => fail('the call was stopped before the model answered')
  const cancelDeadline = clock.after(ms, () =>
    fail(`the model did not answer within ${ms} ms: ask for less, or give it a longer deadline`),
  )
  let cancelSilence: Cancel = () => {}
  if (caller?.aborted) stop()
  else caller?.addEventListener('abort', stop, { once: true })
  return {
    signal: controller.signal,
    alive(silence) {
      cancelSilence()
      cancelSilence = clock.after(silence, () =>
        fail(`the model fell silent for ${silence} ms: check that its endpoint is well, then ask again`),
      )
    },
    pause: () => cancelSilence(),
    left: () => until - clock.now(),
    [Symbol.dispose]() {
      cancelSilence()
      cancelDeadline()
      caller?.removeEventListener('abort', stop)
    },
  }
}
