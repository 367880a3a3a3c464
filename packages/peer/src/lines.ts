/** What speaks with other peers beside questions and spaces: sends messages over the links, and takes types in. */
import type { Cancel, Message, PeerId } from '@amp-mesh/protocol'
import type { Handlers } from './router.ts'

export interface LinkListener {
  up(peer: PeerId): void
  down(peer: PeerId): void
}

export interface Lines {
  /** Peers that are linked now. */
  linked(): PeerId[]
  isLinked(peer: PeerId): boolean
  /** False when there is no link, or it is full: nothing posted may be the only copy. */
  post(peer: PeerId, message: Message): boolean
  /** Have the peer dialled and held. */
  want(peer: PeerId): void
  /** The messages of these types are for `handlers` from now on. */
  take(handlers: Handlers): void
  onLink(listener: LinkListener): Cancel
}
