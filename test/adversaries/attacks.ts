/** What the crowd does to others, as data: how often, and what one blow is. RELIABILITY.md B1, B4, B7. */
import { systemRandom } from '@amp-mesh/peer/node'
import { type Message, type SpaceId, toBase64url } from '@amp-mesh/protocol'
import { RPC } from '@libp2p/gossipsub/message'
import type { Sockets } from './sockets.ts'
import type { Sybil } from './sybil.ts'

export interface Attack {
  /** What one blow is. */
  readonly unit: string
  /** Blows a second of a crowd of 80. */
  readonly perSecond: number
  /** The bytes that left for it; undefined: nothing could be sent. */
  strike(sybil: Sybil, world: { sockets: Sockets; space: SpaceId; n: number }): number | undefined
}

const GOSSIP_BYTES = 1_024
const FORGERY_BYTES = 4_096

export const ATTACKS = {
  /** B4: signed by nobody. */
  gossip: {
    unit: 'invalid gossip messages',
    perSecond: 2_000,
    strike: (sybil, { n }) =>
      sent(sybil, RPC.encode({ subscriptions: [], messages: [forgedMessage(topicOf(sybil, n))] })),
  },
  /** B4: subscriptions, IHAVE, IWANT, GRAFT and PRUNE of topics and messages that are not there. */
  control: {
    unit: 'gossip control messages',
    perSecond: 2_000,
    strike: (sybil, { n }) => sent(sybil, RPC.encode(controlOf(sybil, n))),
  },
  /** Well-formed messages that ask for what is not there. */
  messages: {
    unit: 'messages for spaces nobody has',
    perSecond: 2_000,
    strike: sybil => posted(sybil, { type: 'want', space: randomName(32), ranges: [] }, 100),
  },
  /** Segments of the space all are in, that nobody signed: each costs a look at its signature. */
  forgeries: {
    unit: 'forged segments',
    perSecond: 500,
    strike: (sybil, { space }) =>
      posted(sybil, { type: 'segment', space, bytes: systemRandom.bytes(FORGERY_BYTES) }, FORGERY_BYTES),
  },
  streams: {
    unit: 'streams opened and left',
    perSecond: 400,
    strike: sybil => (sybil.openStream() ? 0 : undefined),
  },
  lookups: {
    unit: 'questions to the routing',
    perSecond: 400,
    strike: sybil => (sybil.lookUp() ? 0 : undefined),
  },
  /** B7: TCP that says nothing, headers that never end, WebSockets before noise, frames of 90 MiB. */
  sockets: {
    unit: 'sockets',
    perSecond: 300,
    strike: ({ ip }, { sockets, n }) => sockets.open(ip, n),
  },
} as const satisfies Record<string, Attack>

export type AttackName = keyof typeof ATTACKS

const sent = (sybil: Sybil, rpc: Uint8Array): number | undefined => (sybil.gossip(rpc) ? rpc.length : undefined)

const posted = (sybil: Sybil, message: Message, bytes: number): number | undefined =>
  sybil.post(message) ? bytes : undefined

const randomName = (bytes: number): string => toBase64url(systemRandom.bytes(bytes))

const topicOf = ({ topics }: Sybil, n: number): string => topics[n % topics.length] ?? ''

const forgedMessage = (topic: string) => ({
  from: systemRandom.bytes(38),
  data: systemRandom.bytes(GOSSIP_BYTES),
  seqno: systemRandom.bytes(8),
  topic,
  signature: systemRandom.bytes(64),
})

function controlOf(sybil: Sybil, n: number): RPC {
  const [topicID, messageIDs] = [topicOf(sybil, n), [systemRandom.bytes(20), systemRandom.bytes(20)]]
  const none = { ihave: [], iwant: [], graft: [], prune: [], idontwant: [] }
  const kinds: RPC[] = [
    { subscriptions: [{ subscribe: true, topic: randomName(16) }], messages: [] },
    { subscriptions: [], messages: [], control: { ...none, ihave: [{ topicID, messageIDs }] } },
    { subscriptions: [], messages: [], control: { ...none, iwant: [{ messageIDs }] } },
    { subscriptions: [], messages: [], control: { ...none, graft: [{ topicID }] } },
    { subscriptions: [], messages: [], control: { ...none, prune: [{ topicID, peers: [] }] } },
  ]
  return kinds[n % kinds.length] as RPC
}
