/** @amp-mesh/protocol: what two peers must agree on. Pure data, pure functions; runs in Node and browsers alike. */
export { ADMISSION_LIMITS } from './admission-limits.ts'
export type { Agent, Conclusion, Knowledge, Mail, Offer, Question, Reply, Speech, Turn, Verdict } from './agent.ts'
export { type AgentCard, type Capability, isCapability, openCard, signCard } from './agent-card.ts'
export {
  concat,
  digestOf,
  equalBytes,
  fromBase64url,
  fromUtf8,
  type Hash,
  type Hasher,
  portableHash,
  sha256,
  sha256Hasher,
  toBase64url,
  utf8,
} from './bytes.ts'
export {
  canonicalBytes,
  canonicalText,
  type Json,
  parseCanonical,
  UNSAFE_KEYS,
} from './canonical-json.ts'
export {
  CERTIFICATE,
  type Certificate,
  INVITATION,
  type MeshInvitation,
  REVOCATION_LIST,
  type RevocationList,
  RIGHTS,
  type Right,
  redemptionHash,
  type SignedList,
} from './certificate.ts'
export { type DecodeOptions, decodeMessage, encodeMessage, packBody, unpackBody } from './codec.ts'
export { commonsGenesis, isCommons, readSolution, type Solution } from './commons.ts'
export { DELIVERY_LIMITS } from './delivery-limits.ts'
export type { Context, Letter, Outcome } from './delivery-messages.ts'
export { DISCOVERY_LIMITS } from './discovery-limits.ts'
export {
  AmpError,
  asError,
  type Code,
  DecodeError,
  isWireCode,
  type LedgerCode,
  type LocalCode,
  type WireCode,
  wireCodeOf,
} from './errors.ts'
export { FAILURE_DETECTION, type FailureDetection } from './failure-detection.ts'
export { encodeFrames, FrameReader, FrameWriter } from './frame.ts'
export { GATEWAY_LIMITS } from './gateway-limits.ts'
export {
  type ClientRequest,
  GATEWAY_ANSWERS,
  GATEWAY_CLOSE,
  GATEWAY_REQUESTS,
  type GatewayAnswer,
  type GatewayAnswerType,
  type GatewayRequest,
  type GatewayRequestType,
  readRequest,
} from './gateway-messages.ts'
export { decodeGenesis, encodeGenesis, type Genesis } from './genesis.ts'
export type { FactInput, Graph, Known, Near, Pattern, Recalled, Replaceable, Status, Voice } from './graph.ts'
export {
  type AgentId,
  agentIdOf,
  type LogId,
  logIdOf,
  type MeshId,
  meshLabel,
  PATTERNS,
  type PeerId,
  type PublicKey,
  parseAgentId,
  peerIdBytes,
  peerIdOf,
  publicKeyOf,
  type RecordId,
  recordIdOf,
  type SpaceId,
  spaceIdOf,
  u48,
} from './ids.ts'
export {
  CLIENT_ENVELOPE,
  type ClientEphemeral,
  type ClientFields,
  type ClientMessage,
  type ClientRecord,
  completeRecord,
  type Draft,
  decodeJson,
  encodeJson,
  type Fill,
  parseJsonObject,
  readClientRecord,
  TARGETS,
  type Target,
} from './json-binding.ts'
export { putLatest } from './latest.ts'
export {
  AGENT_LIMITS,
  ARTIFACT_LIMITS,
  COMMONS_LIMITS,
  DRAFT_LIMITS,
  EMBEDDER_LIMITS,
  GRAPH_LIMITS,
  LEDGER_LIMITS,
  PEER_LIMITS,
  QUESTION_DEFAULTS,
  ROOM_LIMITS,
  SPACE_LIMITS,
  type SpaceLimits,
  TRANSPORT_LIMITS,
  WIRE_LIMITS,
} from './limits.ts'
export { decodeMeshFile, encodeMeshFile, type MeshFile, meshIdOf } from './mesh-file.ts'
export type {
  Cancel,
  Clock,
  Embedder,
  Fields,
  Identity,
  Logger,
  Metrics,
  Model,
  ModelAnswer,
  ModelRequest,
  Network,
  NetworkEvents,
  Random,
  Storage,
  StorageOp,
  Stream,
  Transport,
  Verify,
} from './ports.ts'
export { normalisedProblem, problemKey, questionKey } from './problem.ts'
export { identityFromSeed, isSoundKey, verifyPortable } from './signature.ts'
export { type DocumentKind, openDocument, type Signed, signDocument } from './signed.ts'
export type { SignedCard } from './signed-card.ts'
export { SUBJECT_LIMITS } from './subject-limits.ts'
export { type Redemption, readTicket, redemptionOf, type Ticket, ticketText } from './ticket.ts'
export { type Span, silentTracer, type Tracer, traced } from './tracing.ts'
export {
  ACTS,
  type ActKind,
  EDIT_TAG,
  flawOfOp,
  type Head,
  ITEMS,
  isKind,
  type Kind,
  MESSAGES,
  type Message,
  type MessageType,
  type Op,
  type Range,
  RECORDS,
  type Rec,
  readOp,
} from './vocabulary.ts'
export { VOTE_EPOCH, type Vote, voteHash } from './vote.ts'
export { aborted, orAborted, sleep, withDeadline } from './waiting.ts'
