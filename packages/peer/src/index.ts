/** @amp-mesh/peer: the living process. Portable; the adapters of Node are in `@amp-mesh/peer/node`. */
export { Calls, type Handlers, type Port } from './calls.ts'
export { ComposedPeer, composePeer } from './compose.ts'
export type {
  Answer,
  Asking,
  AskOptions,
  CardDraft,
  Happening,
  Inspection,
  Invitation,
  Peer,
  PeerInfo,
  Space,
  SpaceGraph,
} from './contract.ts'
export type { Absence } from './failure-detector.ts'
export { type AnsweredMail, answerMail, HandedMail, type MailPicture } from './handed-mail.ts'
export { askMesh, type KnownMesh } from './hello.ts'
export { MemoryNetwork, MemorySwitchboard, type SwitchboardInit } from './memory-network.ts'
export type { PeerParts } from './peer-parts.ts'
export type { Remembered } from './remembered.ts'
export type { Tally, Traffic } from './traffic.ts'
