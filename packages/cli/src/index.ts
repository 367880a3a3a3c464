/** amp-mesh: the public API. A peer, agents on it, a question to the mesh, and the types they are made of. */
export { defineAgent, type Host, hostAgents, type MarkdownAgentOptions, markdownAgent } from '@amp-mesh/agents'
export { type LoadOptions, loadAgents, modelFromEnvironment } from '@amp-mesh/agents/node'
export type { Replica } from '@amp-mesh/context'
export type { Candidate } from '@amp-mesh/discovery'
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
} from '@amp-mesh/peer'
export { consoleLogger, createPeer, type LocalPeer, localPeers, type PeerInit } from '@amp-mesh/peer/node'
export {
  type Agent,
  type AgentCard,
  type AgentId,
  AmpError,
  agentIdOf,
  type Capability,
  type Code,
  type Conclusion,
  type Embedder,
  type Genesis,
  isKind,
  type Json,
  type Kind,
  type Knowledge,
  type Logger,
  type MeshFile,
  type Metrics,
  type Model,
  type ModelAnswer,
  type ModelRequest,
  type Offer,
  type Op,
  type PeerId,
  type PublicKey,
  parseAgentId,
  peerIdOf,
  type Question,
  type Rec,
  type RecordId,
  type SpaceId,
  type Speech,
  type Status,
  type Turn,
  type Verdict,
} from '@amp-mesh/protocol'
