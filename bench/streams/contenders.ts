/** All rivals, by the names their processes are told. */
import { a2a } from './a2a.ts'
import { amp } from './amp.ts'
import { bareLibp2p } from './bare-libp2p.ts'
import type { Contender } from './contender.ts'
import { ampDurable, levelOverTcp } from './durable.ts'
import { nats } from './nats.ts'
import { rawWebSocket } from './raw-web-socket.ts'

export const contenders = {
  'amp-ws': amp('ws'),
  'amp-tcp': amp('tcp'),
  'bare-ws': bareLibp2p('ws'),
  'bare-tcp': bareLibp2p('tcp'),
  ws: rawWebSocket('ws', false),
  'ws-ticks': rawWebSocket('ws', true),
  wss: rawWebSocket('wss', false),
  nats,
  a2a,
} as const satisfies Record<string, Contender>

/** What is durable on both sides. */
export const durables = { 'amp-durable': ampDurable, 'level-tcp': levelOverTcp } as const satisfies Record<
  string,
  Contender
>

export type Name = keyof typeof contenders | keyof typeof durables
