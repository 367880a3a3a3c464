/** A member of the story of two homes: joins as it is told, says by which way it reaches whom it knows, asks. */
import { hostAgents } from '@amp-mesh/agents'
import type { Peer } from '@amp-mesh/peer'
import { createPeer, type PeerInit } from '@amp-mesh/peer/node'
import type { PeerId, Transport } from '@amp-mesh/protocol'
import { specialist } from './specialists.ts'
import { serveStun } from './stun-server.ts'

export type NatOrder =
  | { do: 'start'; init: PeerInit; stunAt?: readonly [address: string, port: number] }
  | { do: 'ask'; query: string }

export type NatReport =
  | { event: 'ready'; peer: PeerId; addresses: string[] }
  | { event: 'ways'; ways: readonly (readonly [peer: PeerId, by: Transport | undefined])[] }
  | { event: 'answered'; outcome: string; peers: number }

const report = (message: NatReport) => void process.send?.(message)
let peer: Peer

process.on('disconnect', () => process.exit(0))
process.on('message', (order: NatOrder) => void obey(order))

async function obey(order: NatOrder): Promise<void> {
  if (order.do === 'start') {
    if (order.stunAt !== undefined) serveStun(...order.stunAt)
    peer = await createPeer(order.init)
    const { name, listen } = order.init
    const forecaster = specialist(name, `tells the weather at ${name}'s home`, { proposes: `rain at ${name}'s` })
    if (listen === undefined) await hostAgents(peer, [forecaster])
    report({ event: 'ready', peer: peer.identity.peerId, addresses: peer.addresses() })
    setInterval(() => {
      report({ event: 'ways', ways: peer.peers().map(({ id, transport }) => [id, transport]) })
    }, 100)
  } else {
    const { outcome, peers } = await peer.ask(order.query).answer
    report({ event: 'answered', outcome, peers })
  }
}
