/**
 * Which connections are let in: strangers never get all places, some stay free for those we choose, and no network of
 * one owner keeps all that others may open (eclipse).
 */
import type { Connection, ConnectionGater } from '@libp2p/interface'
import { subnetOf, whoYields } from './fair-places.ts'

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
    denyInboundConnection: ({ remoteAddr }) => {
      const open = connections()
      if (roomForInbound(share, open)) return false
      const inbound = open
        .filter(({ direction, status }) => direction === 'inbound' && status === 'open')
        .sort((a, b) => a.timeline.open - b.timeline.open)
      const yielding = whoYields(networkOf(remoteAddr), inbound, connection => networkOf(connection.remoteAddr))
      yielding?.abort(new Error('its place went to a peer of another network'))
      return yielding === undefined
    },
  }
}

export function roomForInbound(share: ConnectionShare, open: readonly Pick<Connection, 'direction'>[]): boolean {
  const inbound = open.filter(connection => connection.direction === 'inbound').length
  return inbound < share.connections * share.inboundShare && open.length < share.connections - share.outboundReserve
}

/** Of a relayed connection the relay's: whoever relays many is one source of them. */
export const networkOf = (address: Connection['remoteAddr']): string =>
  subnetOf(address.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')?.value ?? '')
