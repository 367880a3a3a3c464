/** This process as the surroundings of a command: its streams, its signals, and the heavy parts behind lazy imports. */
import { createInterface } from 'node:readline'
import { EXIT } from './exit-code.ts'
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
    async createPeer(init, log) {
      const { createPeer, consoleLogger } = await import('@amp-mesh/peer/node')
      return createPeer({ ...init, logger: consoleLogger(log) })
    },
    async localPeers(dataDir) {
      const { localPeers } = await import('@amp-mesh/peer/node')
      return localPeers(dataDir)
    },
    async dataRoot() {
      const { dataRoot } = await import('@amp-mesh/peer/node')
      return dataRoot()
    },
    async archivePlaces(where) {
      const { archivePlaces } = await import('@amp-mesh/peer/node')
      return archivePlaces(where)
    },
    async openArchive(place) {
      const { openArchive } = await import('@amp-mesh/peer/node')
      return openArchive(place)
    },
    async invite(init) {
      const { invite } = await import('@amp-mesh/peer/node')
      return invite(init)
    },
    async revoke(what, place) {
      const { revoke } = await import('@amp-mesh/peer/node')
      return revoke(what, place)
    },
    async rotate(place) {
      const { rotate } = await import('@amp-mesh/peer/node')
      return rotate(place)
    },
    async verifier() {
      const { opensslVerify } = await import('@amp-mesh/peer/node')
      return opensslVerify()
    },
    async loadAgents(file, model) {
      const { loadAgents } = await import('@amp-mesh/agents/node')
      return loadAgents(file, { model })
    },
    async pageSite(init) {
      const { pageSite } = await import('@amp-mesh/web')
      return pageSite(init)
    },
    async hostAgents(peer, agents) {
      const { hostAgents } = await import('@amp-mesh/agents')
      return hostAgents(peer, agents)
    },
    async modelFromEnvironment() {
      const { modelFromEnvironment } = await import('@amp-mesh/agents/node')
      return modelFromEnvironment(process.env)
    },
    async openEmbedder(name, options) {
      const { openEmbedder } = await import('@amp-mesh/agents/node')
      return openEmbedder(name, options)
    },
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
