/** @amp-mesh/peer: the living process. Portable; the adapters of Node are in `@amp-mesh/peer/node`. */
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
} from './contract.ts'
