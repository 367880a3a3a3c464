/** Times for people. */

const DAY_MS = 24 * 3_600_000

/** When it was: by the clock on the same day, else by date. `at`: ms since the epoch. */
export function Time({ at }: { at: number }) {
  if (at <= 0) return <span>some time ago</span>
  const date = new Date(at)
  const isRecent = Math.abs(Date.now() - at) < DAY_MS
  const words = isRecent
    ? date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString([], { day: 'numeric', month: 'short' })
  return <time dateTime={date.toISOString()}>{words}</time>
}

/** `4.2 s`, `3 min`. */
export function elapsed(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms % 1_000 === 0 ? 0 : 1)} s`
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}
