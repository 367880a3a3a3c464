/** The clock of the browser. In a hidden tab its timers may come a second late, or a minute without connections. */
import type { Clock } from '@amp-mesh/protocol'

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms)
    return () => clearTimeout(timer)
  },
}
