/**
 * Puts libp2p's WebSocket listener behind the peer's front server, so that one port serves everything (LIBP2P.md §6).
 */
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Duplex } from 'node:stream'
import { type Cancel, TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import type { Listener } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { WebSocket, WebSocketServer } from 'ws'
import { CLOSE_MS, endsForGood } from '../network/hardened-web-sockets.ts'
import type { FrontServer } from './front-server.ts'
import { gathering } from './gathering-socket.ts'

/** What libp2p is told to listen on. It is a door nobody can use: the real one is the front's. */
export const HIDDEN_ADDRESS = '/ip4/127.0.0.1/tcp/0/ws'

/** Members of the listener of @libp2p/websockets that are used or replaced; pinned to an exact version. */
interface Seams {
  server: Server
  wsServer: WebSocketServer & { options: { closeTimeout?: number } }
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  onWsServerConnection(socket: WebSocket, request: IncomingMessage): void
}

/**
 * Upgrades of `/` that reach the front go to `listener`. Its own port, which libp2p insists on, is shut to everybody;
 * the addresses it tells are the front's. `tlsNames`: those the certificate of its TLS is for.
 */
export function behindFront(listener: Listener, front: FrontServer, tlsNames: readonly string[] = []): Listener {
  const seams = seamsOf(listener)
  seams.wsServer.options.maxPayload = TRANSPORT_LIMITS.webSocketPayload
  seams.wsServer.options.closeTimeout = CLOSE_MS
  const accept = seams.onWsServerConnection.bind(listener)
  seams.onWsServerConnection = (socket, request) => accept(endsForGood(gathering(socket)), request)
  seams.server.removeAllListeners('connection')
  seams.server.on('connection', socket => socket.destroy())

  let unregister: Cancel | undefined
  const listen = listener.listen.bind(listener)
  listener.listen = async address => {
    await listen(address)
    unregister = front.upgrade('/', (request, socket, head) => seams.onUpgrade(request, socket, head))
  }
  const close = listener.close.bind(listener)
  listener.close = async () => {
    unregister?.()
    for (const client of seams.wsServer.clients) client.terminate()
    await close()
  }
  listener.getAddrs = () => [...addressesOf(front), ...securedAddressesOf(front, tlsNames)]
  return listener
}

function seamsOf(listener: Listener): Seams {
  const seams = listener as Listener & Partial<Seams>
  const { server, wsServer, onUpgrade, onWsServerConnection } = seams
  if (!server || !wsServer || !onUpgrade || !onWsServerConnection)
    throw new Error('@libp2p/websockets changed: its listener lacks a member the hardening needs')
  return listener as Listener & Seams
}

/** The front's address; one for each interface of the machine where it listens on all. */
export function addressesOf(front: FrontServer): Multiaddr[] {
  const { host, port } = front
  if (host === undefined || port === undefined) return []
  const any = host === '0.0.0.0' || host === '::'
  const interfaces = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  const usable = interfaces.filter(
    each => (each.family === 'IPv4' || host === '::') && !each.address.startsWith('fe80'),
  )
  const hosts = any ? usable.map(each => each.address) : [host]
  return hosts.map(each => multiaddr(`/${each.includes(':') ? 'ip6' : 'ip4'}/${each}/tcp/${port}/ws`))
}

/** Where a page served over TLS reaches the front: browsers take no other way then. */
const securedAddressesOf = ({ port }: FrontServer, names: readonly string[]): Multiaddr[] =>
  port === undefined ? [] : names.map(name => multiaddr(`/dns/${name}/tcp/${port}/tls/ws`))
