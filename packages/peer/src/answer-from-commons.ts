/** The answer to a question that the mesh knew already, in the form of every other answer. */
import { conclusion } from '@amp-mesh/context'
import { type PublicKey, peerIdOf } from '@amp-mesh/protocol'
import type { Answer } from './contract.ts'
import type { LiveSpace } from './live-space.ts'
import type { Remembered } from './remembered.ts'

/** `space`: where it was found, if this peer carries that. `concludedMs`: how long it took to look. */
export function answerFromCommons(
  commons: Remembered,
  space: LiveSpace | undefined,
  self: PublicKey,
  concludedMs: number,
): Answer {
  const { solution } = commons
  const synthesis = space && conclusion(space.replica.records, space.genesis).synthesis
  const peers = new Set(solution.by.map(agent => agent.split('/')[2]))
  peers.delete(peerIdOf(self))
  return {
    space: solution.space,
    outcome: 'concluded',
    ...(synthesis !== undefined && { synthesis }),
    commons,
    peers: peers.size,
    concludedMs,
    records: new Set(solution.claims.flatMap(({ references }) => references)).size,
    messages: 0,
    bytes: 0,
  }
}
