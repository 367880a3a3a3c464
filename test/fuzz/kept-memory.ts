/** What a process keeps: for those run with `--expose-gc` whose memory is watched. */

/** V8's own collection, which may be told how thorough to be. */
type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/** Resident bytes without what V8 could give back: it lets its heap grow while much is done, and is in no hurry. */
export function keptMemory(): number {
  const { gc } = globalThis as { gc?: Collect }
  gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  return process.memoryUsage.rss()
}
