/** What a client may send, and how fast: GW-17. */
import { GATEWAY_LIMITS, WIRE_LIMITS } from '@amp-mesh/protocol'
import type { Check } from '../check.ts'
import type { Client } from '../client.ts'
import { holds, same, Unobservable } from '../unmet.ts'

const TOO_LARGE = 1009
/** Beyond the burst, so many messages at the stated rate: this share of a second. */
const OVER = 0.5

export const BOUNDS: readonly Check[] = [
  {
    requirement: 'GW-17',
    title: `a message above 256 KiB ends the connection with ${TOO_LARGE}`,
    async run(visit) {
      const [fits, exceeds] = [await visit.client(), await visit.client()]
      const frame = JSON.stringify({ type: 'ping', n: 1, padding: '' }).length
      fits.say({ type: 'ping', n: 1, padding: 'x'.repeat(WIRE_LIMITS.message - frame) })
      await fits.hears('pong', { n: 1 })
      exceeds.say({ type: 'ping', n: 1, padding: 'x'.repeat(WIRE_LIMITS.message - frame + 1) })
      same('the close code', TOO_LARGE, await exceeds.closed(TOO_LARGE))
    },
  },
  {
    requirement: 'GW-17',
    title: 'above the stated rate a session is read more slowly, and nothing of it is lost',
    async run(visit) {
      const client = await visit.client()
      const { messageBurst, messagesPerSecond } = await limitsOf(client)
      const extra = Math.ceil(messagesPerSecond * OVER)
      const started = performance.now()
      for (let n = 0; n < messageBurst + extra; n++) client.say({ type: 'ping', n })
      await client.hears('pong', { n: messageBurst + extra - 1 }, 1_000 * OVER)
      const tookMs = performance.now() - started
      same('the number of answers', messageBurst + extra, client.of('pong').length)
      // a timer may come a little early
      const leastMs = 900 * OVER
      holds(`at least ${leastMs} ms for ${extra} messages beyond the burst`, tookMs >= leastMs, `${tookMs} ms`)
    },
  },
  {
    requirement: 'GW-17',
    title: 'one conversation too many is answered with `busy`',
    async run(visit) {
      const client = await visit.client()
      const { conversations } = await limitsOf(client)
      for (let i = 0; i < conversations; i++) await client.asks({ type: 'listen' }, 'listening')
      const { code } = await client.asks({ type: 'listen' }, ['listening', 'error'])
      same('the code', 'busy', code)
    },
  },
  {
    requirement: 'GW-17',
    title: 'no more than 64 spaces are watched, and 4 MiB left unread end a connection',
    async run() {
      throw new Unobservable('it would take more questions, and more bytes, than a kit should send to a peer at work')
    },
  },
]

type Limits = Pick<typeof GATEWAY_LIMITS, 'messageBurst' | 'messagesPerSecond' | 'conversations'>

/** As hello states them, where they are no more than PROTOCOL.md's. */
async function limitsOf(client: Client): Promise<{ [K in keyof Limits]: number }> {
  const { limits } = await client.greeted()
  const limit = (name: keyof Limits): number => {
    const stated = limits !== null && typeof limits === 'object' ? Reflect.get(limits, name) : undefined
    holds(`at most ${GATEWAY_LIMITS[name]} as \`${name}\``, Number(stated) <= GATEWAY_LIMITS[name], stated)
    return Number(stated)
  }
  return {
    messageBurst: limit('messageBurst'),
    messagesPerSecond: limit('messagesPerSecond'),
    conversations: limit('conversations'),
  }
}
