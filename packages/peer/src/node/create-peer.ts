/** A peer on Node, ready to use: identity and spaces on disk, libp2p behind one port, joined to its mesh. */
import {
  type Embedder,
  FAILURE_DETECTION,
  type FailureDetection,
  type Logger,
  type MeshFile,
  type Model,
  meshLabel,
  type Tracer,
} from '@amp-mesh/protocol'
import { watchMembership } from '../admission/watch-membership.ts'
import { IndexHolding, type IndexHoldingInit } from '../index-holding.ts'
import { INTRODUCTION_MS, joinMesh } from '../joining.ts'
import { behindClosedDoor } from '../network/closed-door.ts'
import { Keeper } from '../network/keeper.ts'
import { topicsOf } from '../protocols.ts'
import { chooseMesh, settleMesh } from './chosen-mesh.ts'
import { consoleLogger } from './console-logger.ts'
import { dataRoot, openDataFolder } from './data-folder.ts'
import type { PageHandler } from './front-server.ts'
import type { TlsFiles } from './front-tls.ts'
import { identityOf } from './identity-file.ts'
import { isLoopback, leadElsewhere, listenAddress } from './listen-address.ts'
import { registerLocalPeer } from './local-peers.ts'
import { nodeNetwork } from './node-network.ts'
import type { NodeParts } from './node-parts.ts'
import { NodePeer } from './node-peer.ts'
import { checkOpenMesh, openMembership } from './open-membership.ts'
import { openTelemetryTracer } from './open-telemetry-tracer.ts'
import { opensslHash } from './openssl-hash.ts'
import { opensslVerify } from './openssl-verify.ts'
import { PrometheusMetrics } from './prometheus-metrics.ts'
import { openStoreDoor } from './store-door.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'

export interface PeerInit {
  /** Name of the peer: its folder below the mesh's. One process at a time. */
  name: string
  /** Name of the mesh, or its file. Default: that of the peer joined, else `default`. */
  mesh?: string | MeshFile
  /** Addresses of peers of the mesh: multiaddr, `ws://host:port` or `host:port`. One that answers is enough. */
  join?: readonly string[]
  /** Port, `host`, or `host:port` to listen on (default `127.0.0.1:0`, any free port). */
  listen?: string | number
  /** Also listen for plain TCP, on this port (0: any free one): a third faster than WebSockets between servers. */
  tcpPort?: number
  /** What `amp-mesh invite` printed: makes this user a member of a closed mesh, and says where to join. */
  invitation?: string
  /** A mesh that starts with this peer lets in members only (default: when `listen` is no loopback address). */
  closed?: boolean
  /** Root of the data folders whose keys of closed meshes are used (default: `dataDir`). */
  keysFrom?: string
  /** Root of all data folders (default: the platform's, e.g. `~/.local/share/amp-mesh`). */
  dataDir?: string
  /** Answers what a browser asks of the peer's port: `/` and all below it. */
  page?: PageHandler
  /** Be a relay for many tabs (512 instead of 64), with room for their connections. */
  relay?: boolean
  /**
   * Nobody can call this peer from outside: it is met at relays, and goes past them by WebRTC where that gets through.
   * Default: whether it joins another machine and listens on loopback only.
   */
  behindNat?: boolean
  /** STUN servers (`host:port`) that tell a peer behind NAT how it is seen from outside. None by default. */
  stun?: readonly string[]
  /** Keep what can be read of a damaged data folder, instead of refusing to start; others give back the rest. */
  repair?: boolean
  /** What clients of gateway and rooms show (default: the one kept in the file `token` of the peer's folder). */
  token?: string
  /** Pages other than the peer's own that may speak to its gateway and rooms, as origins: `https://notes.example`. */
  origins?: readonly string[]
  /** Certificate and key, as PEM, by which the port answers TLS too; `names` are those it is for. */
  tls?: TlsFiles
  /** Answer other machines without TLS: behind a proxy on another machine, or where nobody reads along. */
  insecure?: boolean
  /** Names under which gateway and rooms may be reached beside IP addresses and localhost, e.g. that of a TLS front. */
  names?: readonly string[]
  embedder?: Embedder
  model?: Model
  logger?: Logger
  /** Who records what questions take (default: the OpenTelemetry SDK of the process, if it has one). */
  tracer?: Tracer
  /** How a peer's silence is judged, e.g. a longer `pauseMs` for a bad network. */
  failureDetection?: Partial<FailureDetection>
  /** Aborting it stops the peer. */
  signal?: AbortSignal
}

/**
 * Starts a peer. Rejects with `folder-in-use`, `damaged-store`, `port-in-use`, `unknown-address`, `unreachable` (nobody
 * answers at any address of `join`), `wrong-mesh`, `bad-mesh-file`, or `not-allowed` by a closed mesh.
 */
export async function createPeer(init: PeerInit): Promise<NodePeer> {
  init.signal?.throwIfAborted()
  const parts = await nodeParts(init)
  const peer = new NodePeer(parts)
  await peer.start().catch(async error => {
    await parts.close()
    throw error
  })
  try {
    await joinMesh(parts, parts.join, init.signal)
    if (parts.join.length > 0) await peer.introduced(AbortSignal.timeout(INTRODUCTION_MS))
    const unregister = await registerLocalPeer(
      { mesh: parts.mesh.file.name, peer: peer.identity.peerId, addresses: peer.addresses() },
      parts.root,
    )
    peer.onStop(unregister)
    const { storage, random, folder } = parts
    peer.onStop(await openStoreDoor({ front: parts.network.front, storage, folder, random, roomsToken: peer.token }))
    init.signal?.throwIfAborted()
  } catch (error) {
    await peer.stop()
    throw error
  }
  init.signal?.addEventListener('abort', () => void peer.stop(), { once: true })
  return peer
}

/** Everything a peer is composed of on Node, not started. */
export async function nodeParts(init: PeerInit): Promise<NodeParts> {
  const logger = init.logger ?? consoleLogger({ level: 'warn' })
  const root = init.dataDir ?? dataRoot()
  const listen = listenAddress(init.listen)
  const chosen = await chooseMesh(init, root, logger)
  const { ticket, join } = chosen
  const folder = await openDataFolder({ ...init, root, mesh: chosen.name, random: systemRandom })
  try {
    const identity = identityOf(folder.seed)
    const mesh = await settleMesh(chosen, root, { identity, closed: init.closed ?? !isLoopback(listen.host) })
    checkOpenMesh(mesh, listen.host)
    const world = { verify: opensslVerify(), clock: systemClock, random: systemRandom, logger }
    const place = { ...world, root: init.keysFrom ?? root, mesh, identity, ticket }
    const membership = mesh.file.closed === true ? await openMembership(place) : undefined
    const behindNat = init.behindNat ?? (init.relay !== true && isLoopback(listen.host) && leadElsewhere(join))
    const network = await nodeNetwork({
      mesh: meshLabel(mesh.id),
      seed: folder.seed,
      topics: topicsOf(mesh),
      logger,
      ...listen,
      ...(init.tcpPort !== undefined && { tcpPort: init.tcpPort }),
      ...(init.relay === true && { relay: true }),
      ...(behindNat && { behindNat: { stun: init.stun ?? [] } }),
      ...(init.tls !== undefined && { tls: { ...init.tls, names: init.names ?? [] } }),
      plain: init.insecure ?? false,
      ...(membership !== undefined && { door: noise => behindClosedDoor(noise, membership) }),
    })
    const unwatch = membership && watchMembership(membership, network, mesh, logger)
    if (init.page !== undefined) network.front.elsewhere(init.page)
    const ended = new AbortController()
    const keeper = new Keeper({ ...world, network, bootstrap: () => join })
    return {
      ...world,
      mesh,
      network,
      join,
      ...(membership !== undefined && { membership }),
      storage: folder.storage,
      identity,
      hash: opensslHash,
      ...(init.embedder !== undefined && { embedder: init.embedder }),
      ...(init.model !== undefined && { model: init.model }),
      // what is held for others must be within their reach
      ...(!behindNat && { newHolding: (holding: IndexHoldingInit) => new IndexHolding(holding) }),
      failureDetection: { ...FAILURE_DETECTION, ...init.failureDetection },
      keeper,
      metrics: new PrometheusMetrics(),
      tracer: init.tracer ?? openTelemetryTracer(),
      door: {
        ...(init.token === undefined ? { token: folder.token, tokenFile: folder.tokenFile } : { token: init.token }),
        origins: init.origins ?? [],
        names: init.names ?? [],
      },
      root,
      folder: folder.path,
      keep: peer => keeper.want(peer),
      started: onDialFailed => void keeper.run(ended.signal, onDialFailed),
      close: async () => {
        ended.abort()
        unwatch?.()
        await folder.close()
      },
    }
  } catch (error) {
    await folder.close()
    throw error
  }
}
