/** Settings of gossipsub: scores that work behind one address (F4), punish invalid messages (F5), and small limits. */
import { TRANSPORT_LIMITS, toBase64url, WIRE_LIMITS } from '@amp-mesh/protocol'
import { type GossipsubOpts, StrictSign } from '@libp2p/gossipsub'

/** Score of one topic. Only invalid messages and first deliveries count: a quiet mesh must not look like a lazy one. */
const TOPIC_SCORE = {
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 300,
  firstMessageDeliveriesWeight: 0.1,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 50,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.9,
  meshMessageDeliveriesCap: 100,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5_000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.9,
  /** The square counts: 5 invalid messages cost 50, the tenth brings the sender below the graylist. */
  invalidMessageDeliveriesWeight: -2,
  invalidMessageDeliveriesDecay: 0.99,
}

/** Messages, control messages and ids of one RPC: ours carry a handful. */
const DECODE_LIMITS = {
  maxSubscriptions: 32,
  maxMessages: 64,
  maxIhaveMessageIDs: 512,
  maxIwantMessageIDs: 512,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 64,
  maxPeerInfos: 16,
}

/** One RPC of 64 messages stays below it unless they are all near their own bound. */
const RPC_BYTES = 1024 * 1024
const SCORE_MEMORY_MS = 10 * 60_000
/** Bytes from which on a neighbour is told that a message is here: to say so costs as much as a short one's copy. */
const WORTH_DECLINING = 4_096
/** A message without signature is refused before its id is remembered. */
const NONE = new Uint8Array()

/**
 * `topics`: those of this mesh; subscriptions of others to more are not remembered. `ownIps`: addresses of this host,
 * behind which any number of peers is normal.
 */
export function gossipSettings(topics: readonly string[], ownIps: readonly string[]): Partial<GossipsubOpts> {
  return {
    globalSignaturePolicy: StrictSign,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    fallbackToFloodsub: false,
    floodPublish: true,
    asyncValidation: false,
    // every neighbour passes each message on: of all these copies only the first has its signature verified
    fastMsgIdFn: ({ signature = NONE }) => toBase64url(signature),
    idontwantMinDataSize: WORTH_DECLINING,
    doPX: false,
    allowedTopics: [...topics],
    maxInboundDataLength: RPC_BYTES,
    maxOutboundBufferSize: TRANSPORT_LIMITS.yamuxWriteBuffer,
    maxInboundStreams: TRANSPORT_LIMITS.streams.other,
    maxOutboundStreams: TRANSPORT_LIMITS.streams.other,
    decodeRpcLimits: DECODE_LIMITS,
    scoreParams: {
      topics: Object.fromEntries(topics.map(topic => [topic, TOPIC_SCORE])),
      // an office or a cloud host shares one address: suspicion starts at half of the sockets one may open
      IPColocationFactorThreshold: TRANSPORT_LIMITS.socketsPerIp / 2,
      IPColocationFactorWeight: -1,
      IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1', ...ownIps]),
      retainScore: SCORE_MEMORY_MS,
    },
  }
}

/** A gossip message's own bound, checked on the way out and in. */
export const fitsGossip = (bytes: Uint8Array): boolean => bytes.length <= WIRE_LIMITS.gossip
