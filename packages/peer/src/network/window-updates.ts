/** When the other side of a yamux stream is told that it may send more: after half a window, not after each piece. */
import type { StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'

/** Members of the streams of @libp2p/yamux that are used or replaced; pinned to an exact version. */
interface Stream {
  readonly state: number
  readonly recvWindow: number
  readonly recvWindowCapacity: number
  sendWindowUpdate(): void
}

interface Seams {
  _newStream(...init: unknown[]): Stream
}

/** The stream's state once both sides know of it: before, an update tells that it is opened or accepted. */
const ESTABLISHED = 3

/**
 * libp2p's answers each piece with an update: a second frame to encipher here and to read there, for a message of any
 * size. Half a window is the rule of the implementations in other languages; who sends cannot run dry before it is
 * told.
 */
export function withSeldomUpdates(factory: StreamMuxerFactory): StreamMuxerFactory {
  const create = factory.createStreamMuxer.bind(factory)
  factory.createStreamMuxer = connection => {
    const muxer: StreamMuxer & Partial<Seams> = create(connection)
    const newStream = muxer._newStream?.bind(muxer)
    if (newStream === undefined) throw new Error('@libp2p/yamux changed: _newStream is gone')
    muxer._newStream = (...init) => seldom(newStream(...init))
    return muxer
  }
  return factory
}

function seldom(stream: Stream): Stream {
  const sendWindowUpdate = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    const { state, recvWindow, recvWindowCapacity } = stream
    if (state !== ESTABLISHED || recvWindowCapacity <= recvWindow / 2) sendWindowUpdate()
  }
  return stream
}
