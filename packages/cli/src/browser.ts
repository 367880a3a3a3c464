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
export {
  type Address,
  type ConnectOptions,
  consoleLogger,
  createPeer,
  type DeliveryState,
  type Direct,
  type LetterClass,
  type LetterOptions,
  type Messages,
  type OnConnect,
  type PeerInit,
  type Published,
  type Receipt,
  type Receive,
  type Received,
  type ReceiveOptions,
  type SendOptions,
  type SubscribeOptions,
  type Subscription,
} from '@amp-mesh/peer/browser'
export {
  type Agent,
  AmpError,
  type Knowledge,
  type Question,
  type Rec,
  type Speech,
  type Turn,
} from '@amp-mesh/protocol'
