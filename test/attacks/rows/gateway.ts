/** What programs try at the gateway: without its token, in the peer's own name, and to bring it down. */
import { request } from 'node:http'
import { EDIT_TAG, toBase64url } from '@amp-mesh/protocol'
import { PlainClient } from '../../gateway/client.ts'
import { statusOf } from '../../rooms/visitor.ts'
import { until } from '../../until.ts'
import { keyOf } from '../arena.ts'
import type { Attack } from '../attack.ts'
import { type Field, fact } from '../field.ts'
import { judged } from '../outcome.ts'
import { MALLORY, reader } from '../plain-peer.ts'
import { contentAny, items } from '../yjs-update.ts'

const nobodyAsks = () => {
  const peer = reader()
  peer.take(items(MALLORY, 0, { root: 'facts', key: 'x', content: contentAny('from anybody') }))
  return judged(peer.map().has('x'), 'y-websocket takes what anybody says')
}

export const gateway: readonly Attack[] = [
  {
    n: 110,
    needsGuard: true,
    name: 'into the gateway without token, from a web page, under another name, by POST',
    plain: nobodyAsks,
    here: async arena => (await arena.field()).staysShut(knocking),
  },
  {
    n: 111,
    needsGuard: true,
    name: "words a gateway may not say for a guest: admissions, acks, votes, edits, another's name",
    plain: nobodyAsks,
    here: async arena => {
      const field = await arena.field()
      const named = {
        type: 'fact',
        ...fact('red'),
        agent: 'bert',
        by: arena.bert.publicKey,
        via: 'bert',
        from: 'mallory',
      }
      return field.withstands(
        async () => {
          for (const victim of arena.victims)
            await said(victim, [
              ...forbidden(field).map(each => ({ ...each, space: field.space })),
              { ...named, space: field.space },
            ])
        },
        {
          // who has a peer's token speaks for that peer, as a guest: one fact at each of the two
          own: 2,
          also: pictures => {
            const red = Object.values(pictures[0]?.records ?? {}).filter(({ op }) => 'o' in op && op.o === 'red')
            const wrong = red.find(({ op }) => !('agent' in op) || op.agent !== 'guest-mallory' || op.via !== 'mallory')
            return wrong === undefined ? undefined : `taken as said: ${JSON.stringify(wrong.op)}`
          },
        },
      )
    },
  },
  {
    n: 112,
    isLong: true,
    name: 'bombs at the gateway: depth, unsafe keys, endless numbers, floods, sessions cut in their middle',
    plain: nobodyAsks,
    here: async arena => {
      const field = await arena.field()
      return field.withstands(async () => {
        for (const victim of arena.victims) {
          await said(victim, bombs(field))
          await floods(victim)
        }
      })
    },
  },
]

/** Says them one after the other, and waits for an answer to each. */
async function said(victim: Field['arena']['anna'], messages: readonly (object | string)[]): Promise<void> {
  const client = await new PlainClient(victim).opened()
  for (const message of messages) client.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  await until('each is answered', () => client.closed !== undefined || client.told.length > messages.length)
  await client.left()
}

/** What says something about the peer itself, or binds it for ever. */
function forbidden({ blue, carol }: Field): object[] {
  const edit = toBase64url(Uint8Array.of(EDIT_TAG, 0, 0))
  return [
    { type: 'admit', pub: keyOf('a stranger').publicKey },
    { type: 'ack', heads: [[carol.log, 0, 'A'.repeat(22)]] },
    { type: 'verify', of: blue, v: 1, slot: blue, ver: 0, e: 0, vs: 'A'.repeat(86) },
    { type: 'cert', of: blue, slot: blue, ver: 0, e: 0, sigs: [] },
    { type: 'ckpt', upto: 0, ops: 0, n: 0, size: 0, root: 'A'.repeat(43) },
    { type: 'edit', draft: blue, update: edit },
    { type: 'build_on', parent: 'Z'.repeat(32), content: 'of nothing' },
    { type: 'fact', s: 'x'.repeat(9_000), p: 'y', o: 1 },
  ]
}

const bombs = ({ space }: Field): string[] => [
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  `{"type":"fact","space":"${space}","s":"a","p":"b","o":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`,
  `{"type":"fact","space":"${space}","s":"a","p":"b","o":{"__proto__":{"x":1}}}`,
  `{"type":"fact","space":"${space}","s":"a","p":"b","o":"\\ud800"}`,
  `{"type":"fact","space":"${space}","s":"a","p":"b","o":1e999}`,
  `{"type":"fact","space":"${space}","s":"a","p":"b","o":"${'x'.repeat(200_000)}"}`,
  `{"type":"proposal","space":"${space}","content":"c","references":[${'"r",'.repeat(10_000)}"r"]}`,
  `{"type":"toString"}`,
  `{"type":"hasOwnProperty","space":"__proto__"}`,
  '{"type":"resume","session":"__proto__"}',
  '\u0000',
]

/** Many messages nobody waits for, connections cut at once, and a POST whose body never ends. */
async function floods(victim: Field['arena']['anna']): Promise<void> {
  const flood = await new PlainClient(victim).opened()
  for (let i = 0; i < 1_000; i++) flood.say({ type: 'find', query: `an agent for ${i}` })
  await flood.left()
  for (let i = 0; i < 20; i++) {
    const cut = await new PlainClient(victim).opened()
    cut.say({ type: 'listen' })
    cut.socket.terminate()
  }
  const headers = { authorization: `Bearer ${victim.token}`, 'content-length': '100000' }
  const half = request(victim.gatewayUrl.replace('ws:', 'http:'), { method: 'POST', headers })
  half.on('error', () => {})
  await new Promise(resolve => half.write('{"type":', resolve))
  half.destroy()
}

/** Every way in but the right one; tells the first that opens. */
async function knocking({ arena: { anna } }: Field): Promise<string | undefined> {
  const { gatewayUrl: url, token } = anna
  const right = ['amp.v1.json', `amp.token.${token}`]
  const ways: readonly [how: string, url: string, protocols: string[], headers: Record<string, string>][] = [
    ['without a token', url, ['amp.v1.json'], {}],
    ['with a wrong token', url, ['amp.v1.json', 'amp.token.wrong'], {}],
    ['with a token cut short', url, ['amp.v1.json', `amp.token.${token.slice(0, -1)}`], {}],
    ['with the token in the address', `${url}?token=${token}`, ['amp.v1.json'], {}],
    ['from another page', url, right, { origin: 'https://evil.example' }],
    ['from a page of no origin', url, right, { origin: 'null' }],
    ['under another name', url, right, { host: 'evil.example' }],
    ['by an escaped path', url.replace('/amp/', '/%61mp/'), [], {}],
  ]
  for (const [how, where, protocols, headers] of ways)
    if ((await statusOf(where, protocols, headers).catch(() => 0)) === 101) return how
  const http = url.replace('ws:', 'http:')
  const posted = await fetch(http, { method: 'POST', body: '{"type":"ping"}' })
  if (posted.status === 200) return 'by POST'
  const read = await fetch(new URL('/metrics', http))
  return read.status === 200 ? 'to its metrics' : undefined
}
