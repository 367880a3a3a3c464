/** Broken gateways, each with the requirements it fails: all of those, and no other. */
import { RECORDS } from '@amp-mesh/protocol'
import type { Fault, Message, Twist } from './broken-gateway.ts'

export interface NamedFault extends Fault {
  readonly name: string
  /** Ids of the requirements it breaks. */
  readonly fails: readonly string[]
}

const SAID = { type: 'said', id: 'x', record: 'A'.repeat(32), space: 'A'.repeat(43) }
const DONE = { type: 'done', id: 'x', outcome: 'concluded', peers: 1, concludedMs: 1, records: 1 }

export const FAULTS: readonly NamedFault[] = [
  {
    name: 'takes any version for its own',
    fails: ['GW-1'],
    headers: headers => withProtocols(headers, offered => offered.replace('v999', 'v1')),
  },
  {
    name: 'lets in whoever comes, with any token or none',
    fails: ['GW-2', 'GW-20'],
    headers: (headers, { token }) => ({
      ...withProtocols(headers, offered => offered.replace(/,?\s*amp\.token\.[\w-]+/, '')),
      authorization: `Bearer ${token}`,
    }),
  },
  { name: 'does not look at Origin', fails: ['GW-3'], headers: ({ origin: _, ...others }) => others },
  {
    name: 'does not look at Host',
    fails: ['GW-3'],
    headers: (headers, { gatewayUrl }) => ({ ...headers, host: new URL(gatewayUrl).host }),
  },
  {
    name: 'speaks before hello',
    fails: ['GW-4'],
    twist() {
      const first = [{ type: 'welcome' }]
      return { down: message => (message.type === 'hello' ? [...first.splice(0), message] : [message]) }
    },
  },
  { name: 'does not say what it answers', fails: ['GW-5'], twist: each(({ re: _, ...others }) => others) },
  {
    name: 'calls a question done before anybody spoke',
    fails: ['GW-6'],
    twist: after('broadcast', said => [said, { ...DONE, re: String(said.re), space: said.space }], 'said'),
  },
  {
    name: 'shows what the peer says to itself',
    fails: ['GW-7'],
    twist: after('concern', concern => [concern, { ...concern, type: 'ack' }], 'concern'),
  },
  { name: 'hides for whom a guest speaks', fails: ['GW-8'], twist: each(({ via: _, ...others }) => others) },
  {
    name: 'takes what answers to nothing',
    fails: ['GW-9'],
    twist: each(message => (isError(message, 'unknown-parent') ? { ...SAID, re: message.re } : message)),
  },
  {
    name: 'keeps to itself which references name nothing',
    fails: ['GW-10'],
    twist: each(({ unresolved: _, ...others }) => others),
  },
  {
    name: 'lets a guest vote for the peer',
    fails: ['GW-11'],
    twist: () => ({
      up: message => (message.type === 'verify' && 'vs' in message ? { type: 'need', content: 'a vote' } : message),
    }),
  },
  {
    name: 'hangs up on who says something wrong',
    fails: ['GW-9', 'GW-11', 'GW-12'],
    twist: () => ({ hangsUp: ({ type }) => type === 'error' }),
  },
  {
    name: 'calls every error internal',
    fails: ['GW-9', 'GW-11', 'GW-12', 'GW-13', 'GW-16', 'GW-17', 'GW-19', 'GW-21', 'GW-22'],
    twist: each(message => (message.type === 'error' ? { ...message, code: 'internal' } : message)),
  },
  { name: 'sends the records of a space latest first', fails: ['GW-13', 'GW-16'], twist: latestFirst },
  {
    name: 'sends all where an excerpt was asked for',
    fails: ['GW-13'],
    twist: () => ({ up: ({ last: _, ...message }) => message }),
  },
  {
    name: 'goes on telling who left',
    fails: ['GW-13'],
    twist: () => ({
      up: message =>
        message.type === 'leave' ? [{ ...message, type: 'left', id: 'l', re: message.id ?? 'l' }] : message,
    }),
  },
  {
    name: 'miscounts what it found',
    fails: ['GW-14'],
    twist: each(message => (message.type === 'found' ? { ...message, count: Number(message.count) + 1 } : message)),
  },
  {
    name: 'tells a question without its space',
    fails: ['GW-15'],
    twist: after('listen', ({ space: _, ...others }) => [{ ...others, type: others.type }], 'broadcast'),
  },
  {
    name: 'loses a message when a session is resumed',
    fails: ['GW-16'],
    twist: afterOnce('resume', () => []),
  },
  {
    name: 'sends a message twice when a session is resumed',
    fails: ['GW-16'],
    twist: afterOnce('resume', message => [message, message]),
  },
  {
    name: 'reads as fast as anybody sends',
    fails: ['GW-17'],
    twist: () => ({
      up(message) {
        const n = Number(message.n)
        return message.type === 'ping' && n > 100 && n < 1_000 ? [{ type: 'pong', id: 'p', n }] : message
      },
    }),
  },
  { name: 'closes every connection in the same way', fails: ['GW-16', 'GW-17', 'GW-18'], close: () => 1_000 },
  { name: 'answers every page with the status 200', fails: ['GW-2', 'GW-3', 'GW-19', 'GW-20'], status: () => 200 },
  {
    name: 'says that nobody has answered',
    fails: ['GW-21'],
    twist: each(message => (isError(message, 'unknown-agent') ? { ...message, type: 'reply', answer: null } : message)),
  },
  {
    name: 'forgets what was published',
    fails: ['GW-22'],
    twist: each(message => (message.type === 'event' ? { ...message, data: {} } : message)),
  },
]

/** Every message of the peer's, changed. */
function each(change: (message: Message) => Partial<Message>): () => Twist {
  return () => ({ down: message => [{ type: message.type, ...change(message) }] })
}

/** Once the client has said `said`, messages of type `of` are changed. */
function after(said: string, change: (message: Message) => readonly Message[], of: string): () => Twist {
  return () => {
    let wasSaid = false
    return {
      up(message) {
        wasSaid ||= message.type === said
        return message
      },
      down: message => (wasSaid && message.type === of ? change(message) : [message]),
    }
  }
}

/** The first record after the client has said `said` is changed. */
function afterOnce(said: string, change: (message: Message) => readonly Message[]): () => Twist {
  return () => {
    let isDue = false
    return {
      up(message) {
        isDue ||= message.type === said
        return message
      },
      down(message) {
        if (!isDue || !isRecord(message)) return [message]
        isDue = false
        return change(message)
      },
    }
  }
}

function latestFirst(): Twist {
  let held: Message[] | undefined
  return {
    up(message) {
      if (message.type === 'join') held = []
      return message
    },
    down(message) {
      if (held !== undefined && isRecord(message)) {
        held.unshift(message)
        return []
      }
      const told = message.type === 'joined' ? (held ?? []) : []
      if (message.type === 'joined') held = undefined
      return [...told, message]
    },
  }
}

function withProtocols(headers: Record<string, string>, change: (offered: string) => string): Record<string, string> {
  const { 'sec-websocket-protocol': offered, ...others } = headers
  return offered === undefined ? others : { ...others, 'sec-websocket-protocol': change(offered) }
}

const isRecord = ({ type }: Message) => Object.hasOwn(RECORDS, type)
const isError = (message: Message, code: string) => message.type === 'error' && message.code === code
