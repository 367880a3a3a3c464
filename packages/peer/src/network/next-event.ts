/** Waiting for an event. */

/** An EventTarget, or one of libp2p's. */
interface Target<Event extends string> {
  addEventListener(event: Event, listener: () => void): void
  removeEventListener(event: Event, listener: () => void): void
}

/** Resolves at the first of the events, rejects when the signal aborts. Leaves no listener behind. */
export function nextEvent<Event extends string>(
  target: Target<Event>,
  events: readonly Event[],
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      for (const event of events) target.removeEventListener(event, happened)
      signal?.removeEventListener('abort', aborted)
    }
    const happened = () => {
      settle()
      resolve()
    }
    const aborted = () => {
      settle()
      reject(signal?.reason)
    }
    if (signal?.aborted) return reject(signal.reason)
    for (const event of events) target.addEventListener(event, happened)
    signal?.addEventListener('abort', aborted, { once: true })
  })
}
