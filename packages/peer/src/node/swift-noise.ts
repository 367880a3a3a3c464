/** libp2p's noise on Node, where it does two things slowly for each message: told keys once, and without exceptions. */
import type { MessageStream, SecuredConnection } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { noiseCrypto } from './noise-crypto.ts'

/** Member of the streams of @libp2p/noise that is replaced; pinned to an exact version. */
interface Seams {
  readonly decoder: { lengthDecoder(received: { readonly byteLength: number }): number }
}

/** Bytes of the length before a noise message. */
const LENGTH = 2
/** What says that a length has not come yet. libp2p makes a new one after each chunk, with a stack nobody reads. */
const INCOMPLETE = new RangeError('the length of a noise message is incomplete')

export const swiftNoise: ReturnType<typeof noise> = components => {
  const encrypter = noise({ crypto: noiseCrypto })(components)
  const { secureInbound, secureOutbound } = encrypter
  encrypter.secureInbound = async (...init) => withoutExceptions(await secureInbound.apply(encrypter, init))
  encrypter.secureOutbound = async (...init) => withoutExceptions(await secureOutbound.apply(encrypter, init))
  return encrypter
}

function withoutExceptions<Secured extends SecuredConnection>(secured: Secured): Secured {
  const { decoder }: MessageStream & Partial<Seams> = secured.connection
  if (decoder === undefined) throw new Error('@libp2p/noise changed: the decoder of its streams is gone')
  const lengthOf = decoder.lengthDecoder
  decoder.lengthDecoder = received => {
    if (received.byteLength < LENGTH) throw INCOMPLETE
    return lengthOf(received)
  }
  return secured
}
