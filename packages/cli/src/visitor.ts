/** A visitor: a short-lived peer without agents, through which a command looks at the mesh or asks it something. */
import type { Peer } from '@amp-mesh/peer'
import type { PeerInit } from '@amp-mesh/peer/node'
import { AmpError } from '@amp-mesh/protocol'
import { embedderInit } from './embedder.ts'
import { meetingPoint } from './meeting-point.ts'
import type { MeshOptions } from './options.ts'
import { withTemporaryFolder } from './temporary-folder.ts'
import type { RunningPeer, World } from './world.ts'

/** The folder of questions asked from this machine; `cli-2` … when another command is using it. */
const FOLDER = 'cli'
const FOLDERS = 8
/** Nobody looks for a visitor: it takes no places at relays. */
const PASSING = { behindNat: false } as const

/** Runs `use` with a visitor that has joined the mesh and leaves nothing behind, unless --data-dir says where. */
export async function withVisitor<T>(world: World, options: MeshOptions, use: (peer: Peer) => Promise<T>): Promise<T> {
  const init = await visitorInit(world, options)
  if (options.dataDir !== undefined) return withPeer(world, { ...init, name: FOLDER }, use)
  const keysFrom = await world.dataRoot()
  return withTemporaryFolder(dataDir => withPeer(world, { ...init, dataDir, keysFrom, name: FOLDER }, use))
}

/** As `withVisitor`, in the lasting folder `cli`: what it asked can be read again later. */
export async function withAsker<T>(world: World, options: MeshOptions, use: (peer: Peer) => Promise<T>): Promise<T> {
  const init = await visitorInit(world, options)
  return inFreeFolder(name => withPeer(world, { ...init, name }, use))
}

/** As `withAsker`, but it joins just there. */
export function withMessenger<T>(
  world: World,
  options: MeshOptions,
  join: readonly string[],
  use: (peer: Peer) => Promise<T>,
): Promise<T> {
  return inFreeFolder(name => withPeer(world, { ...peerInit(options), ...PASSING, join, name }, use))
}

async function visitorInit(world: World, options: MeshOptions): Promise<Omit<PeerInit, 'name'>> {
  const join = await somewhere(options, world)
  return { ...peerInit(options), ...PASSING, join, ...(await embedderInit(options, world)) }
}

/** What all peers of a command line have in common. */
export function peerInit({ mesh, listen, dataDir, invitation }: MeshOptions): Omit<PeerInit, 'name'> {
  return {
    ...(mesh !== undefined && { mesh }),
    ...(listen !== undefined && { listen }),
    ...(dataDir !== undefined && { dataDir }),
    ...(invitation !== undefined && { invitation }),
  }
}

/** Runs `use` with a peer that is stopped whatever happens. Ctrl-C ends its start; later it is for `use` to end. */
export async function withPeer<T>(world: World, init: PeerInit, use: (peer: RunningPeer) => Promise<T>): Promise<T> {
  world.terminal.status('joining the mesh …')
  const peer = await started(world, init)
  try {
    return await use(peer)
  } finally {
    world.terminal.clearStatus()
    await peer.stop()
  }
}

async function started({ createPeer, signal, terminal }: World, init: PeerInit): Promise<RunningPeer> {
  const starting = new AbortController()
  const end = () => starting.abort(signal.reason)
  if (signal.aborted) end()
  signal.addEventListener('abort', end)
  try {
    return await createPeer({ ...init, signal: starting.signal }, terminal.log)
  } finally {
    signal.removeEventListener('abort', end)
  }
}

async function somewhere(options: MeshOptions, world: World): Promise<string[]> {
  const addresses = await meetingPoint(options, world)
  if (addresses.length > 0 || options.invitation !== undefined) return addresses
  const where = options.mesh === undefined ? '' : ` for the mesh “${options.mesh}”`
  throw new AmpError(
    'no-agents',
    `No peer to join: none runs on this machine${where}, and neither --join nor AMP_MESH_JOIN names one.`,
  )
}

async function inFreeFolder<T>(use: (name: string) => Promise<T>): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await use(n === 1 ? FOLDER : `${FOLDER}-${n}`)
    } catch (error) {
      if (!(error instanceof AmpError && error.code === 'folder-in-use') || n === FOLDERS) throw error
    }
  }
}
