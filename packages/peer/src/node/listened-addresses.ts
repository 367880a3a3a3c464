/**
 * libp2p tells an address that looks public only after somebody confirmed it from outside. Ours were chosen by a person
 * with `--listen`: all are told.
 */
import type { Multiaddr } from '@multiformats/multiaddr'

/** As libp2p holds a time: never. */
const FOR_EVER = Number.MAX_SAFE_INTEGER - Date.UTC(3000, 0)

/** Of those of libp2p. */
interface Components {
  readonly addressManager: {
    confirmObservedAddr(address: Multiaddr, options: { type: 'transport'; ttl: number }): void
  }
  readonly transportManager: { getAddrs(): Multiaddr[] }
}

/** A service of a libp2p node. */
export const listenedAddresses = ({ addressManager, transportManager }: Components) => ({
  start() {},
  afterStart() {
    for (const address of transportManager.getAddrs())
      addressManager.confirmObservedAddr(address, { type: 'transport', ttl: FOR_EVER })
  },
  stop() {},
})
