/** The line at the bottom that shows somebody is still at work; nothing at all when nobody watches. */
import { seconds } from './render/figures.ts'
import type { Terminal } from './terminal.ts'

const FRAMES = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏']
const FRAME_MS = 100

/** Writes `text(time since the start)` again and again until stopped. */
export function startSpinner(terminal: Terminal, text: (elapsed: string) => string): { stop(): void } {
  if (!terminal.interactive) return { stop: () => {} }
  const start = Date.now()
  let frame = 0
  const timer = setInterval(() => {
    terminal.status(`${FRAMES[frame++ % FRAMES.length]} ${text(seconds(Date.now() - start))}`)
  }, FRAME_MS)
  return {
    stop() {
      clearInterval(timer)
      terminal.clearStatus()
    },
  }
}
