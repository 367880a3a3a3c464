/** A membership on a network: lists of what was taken back are gossiped, and whom they name is disconnected. */
import { type Cancel, decodeMessage, encodeMessage, type Logger, type Network, WIRE_LIMITS } from '@amp-mesh/protocol'
import type { KnownMesh } from '../hello.ts'
import { revocationsTopic } from '../protocols.ts'
import type { Membership } from './membership.ts'

export function watchMembership(membership: Membership, network: Network, mesh: KnownMesh, logger: Logger): Cancel {
  const topic = revocationsTopic(mesh.id)
  const unsubscribe = network.subscribe(topic, bytes => {
    try {
      const message = decodeMessage(bytes, { maxBytes: WIRE_LIMITS.gossip })
      if (message.type !== 'revocations') return 'reject'
      return membership.learn(message.lists).length > 0 ? 'accept' : 'ignore'
    } catch {
      return 'reject'
    }
  })
  const unwatch = membership.watch(network, list => {
    network
      .publish(topic, encodeMessage({ type: 'revocations', lists: [list] }))
      .catch(error => logger.debug('a revocation could not be gossiped', { error: String(error) }))
  })
  return () => {
    unwatch()
    unsubscribe()
  }
}
