/** Many waits at once, one stream of results: the engine of find. */

/**
 * Runs `task` on each item of `source`, at most `width` at once, and yields what tasks emit, as it comes. Ends when
 * all have ended, or quietly when `signal` aborts, whatever tasks still wait for. A task that fails has no further
 * results; a source that fails has no further items. What is emitted and not yet taken is held: bound the source and
 * the emissions. Whoever stops taking early aborts the signal, or the tasks go on.
 */
export async function* concurrently<Item, Result>(
  source: Iterable<Item> | AsyncIterable<Item>,
  width: number,
  task: (item: Item, emit: (result: Result) => void) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<Result, void, undefined> {
  const results: Result[] = []
  let wake = () => {}
  let done = false
  const iterator = iteratorOf(source)
  const emit = (result: Result) => {
    results.push(result)
    wake()
  }
  const worker = async () => {
    while (!signal.aborted) {
      const next = await iterator.next().catch(() => undefined)
      if (next === undefined || next.done === true) return
      await task(next.value, emit).catch(() => undefined)
    }
  }
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort)
  void Promise.all(Array.from({ length: width }, worker)).then(() => {
    done = true
    wake()
  })
  try {
    while (!signal.aborted) {
      const result = results.shift()
      if (result !== undefined) yield result
      else if (done) return
      else await new Promise<void>(resolve => (wake = resolve))
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function iteratorOf<Item>(source: Iterable<Item> | AsyncIterable<Item>): AsyncIterator<Item> {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]()
  const items = source[Symbol.iterator]()
  return { next: async () => items.next() }
}
