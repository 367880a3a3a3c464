/** This process as the surroundings of a command: its streams, its signals, and the parts for Node. */
import { createInterface } from 'node:readline'
import { EXIT } from './exit-code.ts'
import { nodeParts } from './node-parts.ts'
import type { Surroundings } from './world.ts'

export function nodeSurroundings(): Surroundings {
  const signal = ending()
  endWithTheReader()
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    signal,
    prompt: text => prompt(text, signal),
    ...nodeParts,
  }
}

/**
 * Aborts when this command shall end: Ctrl-C, SIGTERM, a closed terminal, or the end of the process that started it
 * (its IPC channel closes, even when it was killed with -9). The second time it ends at once.
 */
function ending(): AbortSignal {
  const controller = new AbortController()
  const end = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort(new Error('interrupted'))
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end)
  if (process.connected) process.once('disconnect', () => controller.abort(new Error('the parent process has ended')))
  return controller.signal
}

/** `amp-mesh ask … | head`: when nobody reads any more, there is nothing more to do. */
function endWithTheReader(): void {
  process.stdout.on('error', error => {
    if ('code' in error && error.code === 'EPIPE') process.exit(EXIT.ok)
    throw error
  })
}

/** One interface a question, so that Ctrl-C is a signal again while the mesh is at work. */
function prompt(text: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise(resolve => {
    const lines = createInterface({ input: process.stdin, output: process.stdout })
    const stop = () => lines.close()
    signal.addEventListener('abort', stop, { once: true })
    lines.once('close', () => {
      signal.removeEventListener('abort', stop)
      resolve(undefined)
    })
    lines.question(text, line => {
      resolve(line)
      lines.close()
    })
  })
}
