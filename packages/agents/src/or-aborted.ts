/** Waiting that ends with a signal, whatever the code waited for makes of it. */

/** Waits for `promise`, but not past `signal`, which a library or an agent may overlook. Rejects with its reason. */
export function orAborted<T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).then(() => signal.removeEventListener('abort', stop))
  })
}
