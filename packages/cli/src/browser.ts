/** amp-mesh/browser: the public API in a browser tab: the same peer, agents and questions. */
export { defineAgent, type Host, hostAgents, remoteAgent, serveAgent } from '@amp-mesh/agents'
export type {
  Answer,
  Asking,
  AskOptions,
  Happening,
  Inspection,
  Invitation,
  Peer,
  PeerInfo,
  Space,
} from '@amp-mesh/peer'
export { consoleLogger, createPeer, type PeerInit } from '@amp-mesh/peer/browser'
export {
  type Agent,
  AmpError,
  type Knowledge,
  type Question,
  type Rec,
  type Speech,
  type Turn,
} from '@amp-mesh/protocol'
