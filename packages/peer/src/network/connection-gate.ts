/** Which connections are let in: strangers never get all places, and some stay free for those we choose (eclipse). */
import type { Connection, ConnectionGater } from '@libp2p/interface'

export interface ConnectionShare {
  connections: number
  /** Largest part of `connections` that others may open to us, 0 to 1. */
  inboundShare: number
  /** Places inbound connections may never take. */
  outboundReserve: number
}

/** `connections`: those open now. Addresses are never refused: loopback and private ones are normal in a mesh. */
export function connectionGate(share: ConnectionShare, connections: () => readonly Connection[]): ConnectionGater {
  return {
    denyDialMultiaddr: () => false,
    denyInboundConnection: () => !roomForInbound(share, connections()),
  }
}

export function roomForInbound(share: ConnectionShare, open: readonly Pick<Connection, 'direction'>[]): boolean {
  const inbound = open.filter(connection => connection.direction === 'inbound').length
  return inbound < share.connections * share.inboundShare && open.length < share.connections - share.outboundReserve
}
