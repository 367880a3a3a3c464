/**
 * The door of a closed mesh on libp2p: admission is part of securing a connection. Until it has passed there is no
 * muxer, so no stream and no protocol but this one, and libp2p knows of no connection that it could tell anybody about.
 */
import { meshLabel } from '@amp-mesh/protocol'
import type { ConnectionEncrypter, MessageStream, SecureConnectionOptions } from '@libp2p/interface'
import { handle, select } from '@libp2p/multistream-select'
import { lpStream } from '@libp2p/utils'
import { type Conversation, enter, receive } from '../admission/handshake.ts'
import type { Membership } from '../admission/membership.ts'

/** Noise, and then the proof of membership, both ways. */
export function behindClosedDoor(noise: ConnectionEncrypter, membership: Membership): ConnectionEncrypter {
  const protocol = `/amp-mesh/${meshLabel(membership.mesh)}/admit/1.0.0`
  return {
    protocol: noise.protocol,
    async secureOutbound(raw, options) {
      const secured = await noise.secureOutbound(raw, { ...options, ...LATER })
      await select(secured.connection, protocol, options)
      await enter(conversation(secured.connection, options), secured.remotePeer.toString(), membership)
      return secured
    },
    async secureInbound(raw, options) {
      const secured = await noise.secureInbound(raw, { ...options, ...LATER })
      await handle(secured.connection, protocol, options)
      await receive(conversation(secured.connection, options), secured.remotePeer.toString(), membership)
      return secured
    },
  }
}

/** Who is no member is not offered a muxer within the handshake of noise. */
const LATER = { skipStreamMuxerNegotiation: true } as const

/** The most that arrives at once, bytes. */
const NOISE_FRAME = 65_535

/** The frames of our streams: u32 length and body. What follows the conversation stays for libp2p to read. */
function conversation(connection: MessageStream, options: SecureConnectionOptions = {}): Conversation {
  const { signal } = options
  const framed = (maxDataLength: number) => {
    const maxBufferSize = maxDataLength + NOISE_FRAME
    return lpStream(connection, { lengthEncoder, lengthDecoder, maxLengthLength: 4, maxDataLength, maxBufferSize })
  }
  return {
    async read(maxBytes) {
      const frames = framed(maxBytes)
      const body = await frames.read({ ...(signal && { signal }) })
      frames.unwrap()
      return body.subarray()
    },
    async write(body) {
      const frames = framed(body.length)
      await frames.write(body, { ...(signal && { signal }) })
      frames.unwrap()
    },
  }
}

function lengthEncoder(length: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, length)
  return bytes
}

/** A RangeError says "not enough bytes yet". */
const lengthDecoder = (bytes: { getUint32(at: number): number }): number => bytes.getUint32(0)
