/** One question from its broadcast to its answer, shown as it happens. */
import type { Answer, AskOptions, Peer } from '@amp-mesh/peer'
import { EXIT, type ExitCode } from './exit-code.ts'
import { renderConclusion } from './render/conclusion.ts'
import { count } from './render/figures.ts'
import { happeningAsJson } from './render/json-line.ts'
import { EMPTY_TIMELINE, renderHappening } from './render/timeline.ts'
import { startSpinner } from './spinner.ts'
import type { World } from './world.ts'

/** Asks and shows; resolves with how it ended. Ctrl-C cancels the question and lets the agents know. */
export async function converse(peer: Peer, query: string, options: AskOptions, world: World): Promise<Answer> {
  const { terminal } = world
  const asking = peer.ask(query, { ...options, signal: world.signal })
  let timeline = EMPTY_TIMELINE
  let heard = 0
  const spinner = startSpinner(terminal, elapsed => `${elapsed} · ${count(heard, 'record')}`)
  try {
    for await (const happening of asking) {
      if ('record' in happening) heard++
      terminal.tell(happeningAsJson(happening), style => {
        const { state, lines } = renderHappening(timeline, happening, style)
        timeline = state
        return happening.type === 'done' ? [...lines, ...renderConclusion(state, happening, style)] : lines
      })
    }
  } finally {
    spinner.stop()
  }
  return asking.answer
}

/** What the way a question ended means to a script. */
export function exitCodeOf(answer: Answer): ExitCode {
  return {
    concluded: EXIT.ok,
    partial: EXIT.partial,
    'no-agents': EXIT.nobodyAnswered,
    cancelled: EXIT.interrupted,
  }[answer.outcome]
}
