/** The first words between strangers: which mesh is this? Spoken before any protocol that carries the mesh's name. */
import {
  AmpError,
  type Cancel,
  type Clock,
  decodeMeshFile,
  encodeMeshFile,
  type MeshFile,
  type MeshId,
  type Message,
  meshIdOf,
  type Network,
  PEER_LIMITS,
  type PeerId,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { Channel } from './channel.ts'
import { FEATURES, HELLO_PROTOCOL, PROTOCOL_VERSION } from './protocols.ts'

export interface KnownMesh {
  readonly id: MeshId
  readonly file: MeshFile
  /** Canonical bytes of the file. */
  readonly bytes: Uint8Array
}

export function knownMesh(file: MeshFile): KnownMesh {
  const bytes = encodeMeshFile(file)
  return { id: meshIdOf(bytes), file, bytes }
}

/** The mesh whose file these bytes are, fields of later versions included. Throws DecodeError. */
export const readMesh = (bytes: Uint8Array): KnownMesh => ({ id: meshIdOf(bytes), file: decodeMeshFile(bytes), bytes })

/** Whether we understand a peer of that version: the same major one. */
export const speaks = (protocol: string): boolean => protocol.split('.')[0] === PROTOCOL_VERSION.split('.')[0]

/** Answers newcomers with the mesh file. */
export function serveHello(network: Network, clock: Clock, mesh: KnownMesh): Cancel {
  return network.handle(HELLO_PROTOCOL, 2, stream => {
    const channel: Channel = new Channel({
      stream,
      clock,
      maxBytes: WIRE_LIMITS.message,
      onMessage: () => {},
      onClose: () => cancel(),
    })
    const cancel = clock.after(PEER_LIMITS.helloMs, () => channel.abort(new AmpError('busy')))
    channel.post(helloOf(mesh.id, mesh.bytes))
  })
}

export const helloOf = (mesh: MeshId, meshFile?: Uint8Array): Message<'hello'> => ({
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  features: [...FEATURES],
  mesh,
  ...(meshFile !== undefined && { meshFile }),
})

/**
 * Asks a connected peer for its mesh file. Rejects with `unreachable` when it does not answer, `wrong-protocol` when it
 * is of a version we have nothing in common with, `bad-mesh-file` when that is none.
 */
export async function askMesh(network: Network, clock: Clock, peer: PeerId, signal?: AbortSignal): Promise<KnownMesh> {
  const stream = await network.open(peer, HELLO_PROTOCOL, signal)
  const hello = await new Promise<Message<'hello'>>((resolve, reject) => {
    const silent = new AmpError('unreachable', 'that peer did not say which mesh it is of: is it an amp-mesh peer?')
    const channel: Channel = new Channel({
      stream,
      clock,
      maxBytes: WIRE_LIMITS.message,
      onMessage: message => {
        if (message.type !== 'hello') throw new AmpError('bad-message', 'the first message must be hello')
        resolve(message)
        void channel.close()
      },
      onClose: () => {
        cancel()
        reject(silent)
      },
    })
    const cancel = clock.after(PEER_LIMITS.helloMs, () => channel.abort(silent))
  })
  if (!speaks(hello.protocol))
    throw new AmpError(
      'wrong-protocol',
      `that peer speaks version ${hello.protocol} of the protocol, this one ${PROTOCOL_VERSION}: update the older one`,
    )
  if (hello.meshFile === undefined || meshIdOf(hello.meshFile) !== hello.mesh)
    throw new AmpError('bad-mesh-file', 'the mesh file that peer sent is not that of its mesh; join another peer')
  return readMesh(hello.meshFile)
}
