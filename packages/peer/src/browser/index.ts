/** @amp-mesh/peer/browser: what a peer needs of the browser it runs in. */
export { consoleLogger, type LogLevel } from './console-logger.ts'
export { createPeer, type PeerInit } from './create-peer.ts'
export { openDatabase } from './database.ts'
export { IndexedStorage } from './indexed-storage.ts'
export { systemClock } from './system-clock.ts'
export { systemRandom } from './system-random.ts'
