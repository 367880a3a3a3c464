/** @amp-mesh/peer/node: what a peer needs of the machine it runs on. */

export type { Address } from '../delivery/address.ts'
export type { Direct, OnConnect } from '../delivery/direct.ts'
export type { LetterClass } from '../delivery/outbox.ts'
export type { DeliveryState, Receipt } from '../delivery/receipt.ts'
export type { Receive, Received } from '../delivery/receiver.ts'
export { knownMesh } from '../hello.ts'
export type { ConnectOptions, LetterOptions, Messages, ReceiveOptions, SendOptions } from '../messaging.ts'
export { Keeper, type KeeperInit } from '../network/keeper.ts'
export type { Published, SubscribeOptions, Subscription } from '../subjects/subscription.ts'
export { type Archive, type ArchivePlace, archivePlaces, openArchive } from './archive.ts'
export { type ConsoleLoggerInit, consoleLogger, type LogLevel } from './console-logger.ts'
export { createPeer, nodeParts, type PeerInit } from './create-peer.ts'
export { type DataFolder, type DataFolderInit, dataRoot, folderName, openDataFolder } from './data-folder.ts'
export { startDraftWorker } from './draft-worker.ts'
export { type FrontLimits, FrontServer, type PageHandler, type UpgradeHandler } from './front-server.ts'
export { identityOf, seedFromFile } from './identity-file.ts'
export {
  type Invited,
  type InviteInit,
  invite,
  type MeshPlace,
  type Revoked,
  type Rotated,
  revoke,
  rotate,
} from './invitations.ts'
export { openLevelStorage } from './level-storage.ts'
export { type LocalPeer, localPeers, registerLocalPeer } from './local-peers.ts'
export { NodeNetwork, type NodeNetworkInit, nodeNetwork } from './node-network.ts'
export type { NodeParts } from './node-parts.ts'
export { NodePeer } from './node-peer.ts'
export { openTelemetryTracer } from './open-telemetry-tracer.ts'
export { opensslHash } from './openssl-hash.ts'
export { opensslVerify } from './openssl-verify.ts'
export { systemClock } from './system-clock.ts'
export { systemRandom } from './system-random.ts'
