/** Joining: learning which mesh somebody is of, and making sure that those joined are of ours. */
import { AmpError, type Clock, type Logger, type Network } from '@amp-mesh/protocol'
import { askMesh, type KnownMesh } from './hello.ts'

/** What a joining peer waits for its first neighbour and that one's cards, ms. */
export const INTRODUCTION_MS = 5_000

export interface Joiner {
  network: Network
  mesh: KnownMesh
  clock: Clock
  logger: Logger
}

/**
 * Connects to the addresses; one that answers, of the same mesh, is enough. Rejects with the first failure when there
 * are addresses and none is: `unknown-address`, `unreachable`, `wrong-mesh` or `bad-mesh-file`.
 */
export async function joinMesh(joiner: Joiner, addresses: readonly string[], signal?: AbortSignal): Promise<void> {
  const { network, mesh, clock, logger } = joiner
  const failures: unknown[] = []
  for (const address of addresses) {
    try {
      const peer = await network.connect(address, signal)
      if ((await askMesh(network, clock, peer, signal)).id !== mesh.id) throw wrongMesh(mesh.file.name, address)
    } catch (error) {
      failures.push(error)
      logger.warn('could not join', { address, error: String(error) })
    }
  }
  if (addresses.length > 0 && failures.length === addresses.length) throw failures[0]
}

/** Asks the first address that answers which mesh it is of. Rejects with the last address' error. */
export async function learnMesh(
  scout: Network,
  clock: Clock,
  addresses: readonly string[],
  signal?: AbortSignal,
): Promise<KnownMesh> {
  await scout.start()
  try {
    let failure: unknown = new AmpError('bad-input', 'no address to join')
    for (const address of addresses) {
      try {
        return await askMesh(scout, clock, await scout.connect(address, signal), signal)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  } finally {
    await scout.stop()
  }
}

export function wrongMesh(name: string, address = 'the peer joined'): AmpError {
  return new AmpError(
    'wrong-mesh',
    `${address} is of another mesh than '${name}' is here; use its name with --mesh, or another --data-dir`,
  )
}
