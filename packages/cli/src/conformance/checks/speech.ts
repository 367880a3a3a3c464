/** What a client says, how it is completed, and what it may not say: GW-5 and GW-8 to GW-12. */
import { toBase64url } from '@amp-mesh/protocol'
import type { Check } from '../check.ts'
import { text } from '../stage.ts'
import { holds, same, Unobservable } from '../unmet.ts'

const NOWHERE = toBase64url(new Uint8Array(32).fill(0xa5))
const NO_RECORD = toBase64url(new Uint8Array(24).fill(0xa5))
const HASH16 = toBase64url(new Uint8Array(16))
const HASH = toBase64url(new Uint8Array(32))
const SIGNATURE = toBase64url(new Uint8Array(64))

export const SPEECH: readonly Check[] = [
  {
    requirement: 'GW-5',
    title: 'messages without a name are counted from 1, others keep theirs, and answers name them in `re`',
    async run(visit) {
      const client = await visit.client()
      const first = await client.asks({ type: 'ping' }, 'pong')
      const named = await client.asks({ type: 'ping', id: 'my ping' }, 'pong')
      const third = await client.asks({ type: 'ping' }, 'pong')
      same('`re` of three pings, the second one named', ['1', 'my ping', '3'], [first.re, named.re, third.re])
    },
  },
  {
    requirement: 'GW-5',
    title: 'every kind of answer names its message in `re`',
    async run(visit) {
      const { space } = await visit.stage()
      const client = await visit.client()
      const answers = {
        listening: { type: 'listen' },
        found: { type: 'find', query: 'anything', limit: 1 },
        joined: { type: 'join', space },
        said: { type: 'proposal', content: 'named' },
        left: { type: 'leave', space },
        error: { type: 'teleport' },
      }
      const named: Record<string, unknown> = {}
      for (const [type, message] of Object.entries(answers))
        named[type] = (await client.asks({ ...message, id: `for ${type}` }, type)).re
      const expected = Object.keys(answers).map(type => [type, `for ${type}`])
      same('`re` of each answer', Object.fromEntries(expected), named)
    },
  },
  {
    requirement: 'GW-5',
    title: 'a message without a space is said in that of the session',
    async run(visit) {
      const stage = await visit.stage()
      const client = await visit.client()
      await client.asks({ type: 'proposal', space: stage.space, content: 'the space is named' }, 'said')
      const said = await client.asks({ type: 'proposal', content: 'the space is left out' }, ['said', 'error'])
      same('the space it was said in', stage.space, said.space)
    },
  },
  {
    requirement: 'GW-8',
    title: '`from` becomes `via` and the agent’s name, `said` names the record',
    async run(visit) {
      const stage = await visit.stage()
      const member = await visit.member(stage)
      const words = { type: 'proposal', content: 'by a label', from: 'Kit: No 5', agent: 'root', via: 'root' }
      const said = await member.asks(words, 'said')
      const shown = await member.hears('proposal', { content: 'by a label' })
      same('the record that `said` names', shown.id, said.record)
      same('`via`', 'Kit: No 5', shown.via)
      same('`from`', `amp://${stage.peer}/guest-kit-no-5`, shown.from)
    },
  },
  {
    requirement: 'GW-8',
    title: 'who says no name is `guest`',
    async run(visit) {
      const stage = await visit.stage()
      const member = await visit.member(stage)
      await member.asks({ type: 'proposal', content: 'by nobody' }, 'said')
      const { from } = await member.hears('proposal', { content: 'by nobody' })
      same('`from`', `amp://${stage.peer}/guest`, from)
    },
  },
  {
    requirement: 'GW-8',
    title: 'the record is signed by the peer',
    run: () => unseen('the signature under a record does not pass the gateway; `amp-mesh space <id> verify` checks it'),
  },
  {
    requirement: 'GW-9',
    title: '`parent` may be the client’s own name, and `for` left out',
    async run(visit) {
      const stage = await visit.stage()
      const member = await visit.member(stage)
      const first = await member.asks({ type: 'proposal', id: 'mine', content: 'to be named' }, 'said')
      await member.asks({ type: 'build_on', parent: 'mine', content: 'by its name' }, ['said', 'error'])
      const proposal = await member.hears('proposal', { id: text(first.record) })
      const built = await member.hears('build_on', { content: 'by its name' })
      same('`for` of the proposal', stage.question, proposal.for)
      same('`parent` of what builds on it', first.record, built.parent)
    },
  },
  {
    requirement: 'GW-9',
    title: 'a name or an id of nothing is answered with `unknown-parent`',
    async run(visit) {
      const member = await visit.member(await visit.stage())
      const codes = []
      for (const parent of ['nothing of that name', NO_RECORD])
        codes.push((await member.asks({ type: 'build_on', parent, content: 'c' }, ['said', 'error'])).code)
      same('the codes', ['unknown-parent', 'unknown-parent'], codes)
    },
  },
  {
    requirement: 'GW-10',
    title: '`references` may be names; those of nothing are told as `unresolved`',
    async run(visit) {
      const member = await visit.member(await visit.stage())
      const { record } = await member.asks({ type: 'proposal', id: 'known', content: 'to be cited' }, 'said')
      const references = ['known', 'thread_456']
      const said = await member.asks({ type: 'proposal', content: 'cites two', references }, 'said')
      const shown = await member.hears('proposal', { content: 'cites two' })
      same('`unresolved`', ['thread_456'], said.unresolved)
      same('`references` of the record', [record], shown.references)
    },
  },
  {
    requirement: 'GW-11',
    title: '`admit`, `ack`, `ckpt`, `cert`, `edit` and votes are not allowed',
    async run(visit) {
      const { question } = await visit.stage()
      const member = await visit.member(await visit.stage())
      const slot = { slot: 's', ver: 1, e: 1 }
      const words = [
        { type: 'admit', pub: NOWHERE },
        { type: 'ack', heads: [[HASH16, 1, HASH16]] },
        { type: 'ckpt', upto: 1, ops: 1, n: 1, size: 1, root: HASH },
        { type: 'cert', of: question, ...slot, sigs: [[HASH, SIGNATURE]] },
        { type: 'edit', draft: NO_RECORD, update: 'AAAA' },
        { type: 'verify', of: question, v: 1, ...slot, vs: SIGNATURE },
      ]
      const codes: Record<string, unknown> = {}
      for (const message of words) codes[message.type] = (await member.asks(message, ['said', 'error'])).code
      same('the codes', Object.fromEntries(words.map(({ type }) => [type, 'not-allowed'])), codes)
    },
  },
  {
    requirement: 'GW-12',
    title: 'what can’t be done is told by code and in words, and the connection stays',
    async run(visit) {
      const client = await visit.client()
      client.send('{"type":"bro')
      const broken = await client.hears('error')
      const words = [
        { type: 'heads' },
        { type: 'broadcast', query: 7 },
        { type: 'proposal', content: 'without a space' },
        { type: 'join', space: NOWHERE },
      ]
      const errors = [broken]
      for (const message of words) errors.push(await client.asks(message, ['said', 'joined', 'error']))
      const codes = ['bad-message', 'unknown-type', 'bad-message', 'unknown-space', 'unknown-space']
      same(
        'the codes',
        codes,
        errors.map(({ code }) => code),
      )
      for (const { message } of errors)
        holds('a message for people', typeof message === 'string' && message.length > 0, message)
      await client.fence()
    },
  },
]

async function unseen(why: string): Promise<never> {
  throw new Unobservable(why)
}
