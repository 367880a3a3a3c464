/** All rivals, by the names their processes are told. A process loads only what it needs. */
import type { Contender } from './contender.ts'

type Load = () => Promise<Contender>

const amp = (transport: 'ws' | 'tcp') => async () => (await import('./amp.ts')).amp(transport)
const bare = (transport: 'ws' | 'tcp') => async () => (await import('./bare-libp2p.ts')).bareLibp2p(transport)
const raw = (scheme: 'ws' | 'wss', together: boolean) => async () =>
  (await import('./raw-web-socket.ts')).rawWebSocket(scheme, together)

export const contenders = {
  'amp-ws': amp('ws'),
  'bare-ws': bare('ws'),
  ws: raw('ws', false),
  'amp-tcp': amp('tcp'),
  'bare-tcp': bare('tcp'),
  'ws-ticks': raw('ws', true),
  wss: raw('wss', false),
  nats: async () => (await import('./nats.ts')).nats,
  a2a: async () => (await import('./a2a.ts')).a2a,
} as const satisfies Record<string, Load>

/** What is durable on both sides. */
export const durables = {
  'amp-durable': async () => (await import('./durable.ts')).ampDurable,
  'level-tcp': async () => (await import('./durable.ts')).levelOverTcp,
} as const satisfies Record<string, Load>

export type Name = keyof typeof contenders | keyof typeof durables

const all: Readonly<Record<Name, Load>> = { ...contenders, ...durables }
export const contender = (name: Name): Promise<Contender> => all[name]()
