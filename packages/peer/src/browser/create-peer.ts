/** A peer in a browser tab, ready to use: key and spaces in IndexedDB, joined through whoever serves the page. */
import {
  AmpError,
  type Embedder,
  type Logger,
  type MeshFile,
  type Model,
  meshLabel,
  verifyPortable,
} from '@amp-mesh/protocol'
import type { Peer } from '../contract.ts'
import { type KnownMesh, knownMesh } from '../hello.ts'
import { INTRODUCTION_MS, joinMesh, learnMesh } from '../joining.ts'
import type { Messages } from '../messaging.ts'
import { Keeper } from '../network/keeper.ts'
import { topicsOf } from '../protocols.ts'
import { attachPeer } from './attached-peer.ts'
import { browserNetwork } from './browser-network.ts'
import { consoleLogger } from './console-logger.ts'
import { openDatabase } from './database.ts'
import { IndexedStorage } from './indexed-storage.ts'
import { type KeyPair, keyPairIn } from './key-pair.ts'
import { lateMessages } from './late-messages.ts'
import { MeshStore } from './mesh-store.ts'
import { providePlainCrypto } from './plain-crypto.ts'
import { sharePeer } from './shared-peer.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'
import { holdLock } from './tab-lock.ts'
import { TabPeer } from './tab-peer.ts'
import { channelOf } from './tab-port.ts'

export interface PeerInit {
  /** Name of the peer among those of this origin: its database (default `me`). Tabs that say the same name share it. */
  name?: string
  /** The mesh (default: that of the peer joined). */
  mesh?: MeshFile
  /** What `amp-mesh invite` printed: makes this tab a member of a closed mesh. */
  invitation?: string
  /** Addresses of peers of the mesh; one that answers is enough. Default: whoever served this page. */
  join?: readonly string[]
  /** STUN and TURN servers for tabs in different networks (default: none). */
  iceServers?: readonly RTCIceServer[]
  embedder?: Embedder
  model?: Model
  logger?: Logger
  /** Aborting it stops the peer. */
  signal?: AbortSignal
}

/** What this tab has of its own, whatever the mesh. */
interface Tab {
  database: IDBDatabase
  keys: KeyPair
  meshes: MeshStore
  close(): void
}

/**
 * Starts the peer of this origin; in a further tab, attaches to the one that is there already, which ends when that tab
 * does: then call again. Rejects with `damaged-store`, `unknown-address`, `unreachable` (nobody answers, and no mesh is
 * known from before), `bad-mesh-file`, or `not-allowed` by a closed mesh.
 */
export async function createPeer(init: PeerInit = {}): Promise<Peer & Messages> {
  providePlainCrypto()
  const name = init.name ?? 'me'
  const logger = init.logger ?? consoleLogger()
  for (;;) {
    init.signal?.throwIfAborted()
    const release = await holdName(name)
    if (release !== undefined) return holdPeer(name, release, { ...init, logger })
    const attached = await attachPeer(name, { ...init, logger })
    if (attached !== undefined) return attached
  }
}

/** The peer itself, which further tabs may use. */
async function holdPeer(
  name: string,
  release: () => void,
  init: PeerInit & { logger: Logger },
): Promise<Peer & Messages> {
  const join = init.join ?? [pageOrigin()]
  const tab = await openTab(name, release)
  try {
    const peer = await startInMesh(tab, { ...init, join })
    await tab.meshes.pin(peer.mesh, join)
    if (navigator.locks !== undefined) {
      const stopSharing = sharePeer(peer, name)
      peer.onStop(async () => stopSharing())
    }
    init.signal?.addEventListener('abort', () => void peer.stop(), { once: true })
    return Object.assign(peer, lateMessages(peer.openMessages, init.logger))
  } catch (error) {
    tab.close()
    throw error
  }
}

async function openTab(name: string, release: () => void): Promise<Tab> {
  try {
    const database = await openDatabase(name)
    const close = () => {
      database.close()
      release()
    }
    const meshes = new MeshStore(new IndexedStorage(database, 'mesh/'))
    return { database, keys: await keyPairIn(database, systemRandom), meshes, close }
  } catch (error) {
    release()
    throw error
  }
}

type Start = PeerInit & { join: readonly string[]; logger: Logger }

/**
 * Whoever serves the page says which mesh it is of, as it says everything else about the page. What is known from last
 * time saves asking, and is there when nobody answers.
 */
async function startInMesh(tab: Tab, init: Start): Promise<TabPeer> {
  if (init.invitation !== undefined) return startPeer(tab, init, (await admission()).invitedTo(init.invitation))
  if (init.mesh !== undefined) return startPeer(tab, init, knownMesh(init.mesh))
  const known = await tab.meshes.at(init.join)
  if (known !== undefined) {
    try {
      return await startPeer(tab, init, known)
    } catch (error) {
      if (!(error instanceof AmpError && error.code === 'wrong-mesh')) throw error
    }
  }
  const world = { clock: systemClock, random: systemRandom, logger: init.logger }
  const scout = await browserNetwork({ ...world, mesh: 'scout', key: systemRandom.bytes(32), topics: [] })
  return startPeer(tab, init, await learnMesh(scout, systemClock, init.join, init.signal))
}

/** Few meshes are closed: what that takes is loaded then. */
const admission = () => import('./tab-membership.ts')

async function startPeer(tab: Tab, init: Start, mesh: KnownMesh): Promise<TabPeer> {
  const { join, logger, embedder, model, iceServers, invitation } = init
  const world = { clock: systemClock, random: systemRandom, logger }
  const { identity } = tab.keys
  const kept = new IndexedStorage(tab.database, `admission/${mesh.id}/`)
  const place = { ...world, mesh, identity, storage: kept, invitation }
  const membership = mesh.file.closed === true ? await (await admission()).openTabMembership(place) : undefined
  const network = await browserNetwork({
    ...world,
    mesh: meshLabel(mesh.id),
    key: tab.keys.key,
    topics: topicsOf(mesh),
    ...(iceServers !== undefined && { iceServers }),
    ...(membership !== undefined && { door: membership.door }),
  })
  const unwatch = membership?.watch(network)
  const storage = new IndexedStorage(tab.database, `${mesh.id}/`)
  const keeper = new Keeper({ ...world, network, bootstrap: () => join })
  const ended = new AbortController()
  let joined = false
  const peer = new TabPeer({
    ...world,
    mesh,
    network,
    storage,
    identity,
    verify: verifyPortable,
    ...(embedder !== undefined && { embedder }),
    ...(model !== undefined && { model }),
    keep: other => keeper.want(other),
    started: onDialFailed => void keeper.run(ended.signal, onDialFailed),
    close: async () => {
      ended.abort()
      unwatch?.()
      await kept.close()
      await storage.close()
      if (joined) tab.close()
    },
  })
  try {
    await peer.start()
    await joinMesh({ ...world, network, mesh }, join, init.signal).catch(error => {
      if (!(error instanceof AmpError && error.code === 'unreachable')) throw error
      logger.warn('nobody of the mesh answers; the peer goes on trying', { error: error.message })
    })
    if (network.peers().length > 0) await peer.introduced(AbortSignal.timeout(INTRODUCTION_MS))
    init.signal?.throwIfAborted()
    joined = true
    return peer
  } catch (error) {
    await peer.stop()
    throw error
  }
}

/**
 * One writer for each key: two would fork its logs. Returns how to let go, or nothing when another tab holds the name.
 * Where the browser has no locks (a page without TLS) that is left to whoever opens tabs.
 */
async function holdName(name: string): Promise<(() => void) | undefined> {
  if (navigator.locks === undefined) return () => {}
  return holdLock(channelOf(name), { ifAvailable: true })
}

/** Where this page came from, as an address of a peer. */
function pageOrigin(): string {
  const { protocol, hostname, port } = location
  const secure = protocol === 'https:'
  return `${secure ? 'wss' : 'ws'}://${hostname}:${port || (secure ? '443' : '80')}`
}
