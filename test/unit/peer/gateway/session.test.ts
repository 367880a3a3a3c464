/** The session of a plain client as pure state: what it fills in, what it calls things, what it sends again. */
import { Records } from '@amp-mesh/context'
import { AmpError, GATEWAY_LIMITS, identityFromSeed, type Op, type Rec, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { agentOf, Session, type SessionSpace } from '../../../../packages/peer/src/gateway/session.ts'
import { newGenesis } from '../../../../packages/peer/src/new-genesis.ts'
import { codeOf } from '../../protocol/vectors.ts'

const { publicKey } = identityFromSeed(new Uint8Array(32).fill(1))
const SPACE = `${'S'.repeat(42)}A`
const id = (letter: string) => letter.repeat(32)

const record = (letter: string, op: Op, n = 0): Rec => ({
  id: id(letter),
  by: publicKey,
  log: `${'L'.repeat(21)}A`,
  seq: n,
  n,
  time: 1_000 + n,
  op,
})

/** A space with a question `Q` and a proposal `P`. */
function space(): SessionSpace {
  const records = new Records()
  records.add([
    record('Q', { k: 'broadcast', query: 'What to do in NYC?' }),
    record('P', { k: 'proposal', for: id('Q'), content: 'See the park' }, 1),
  ])
  const random = { bytes: (length: number) => new Uint8Array(length).fill(7), float: () => 0.5 }
  const genesis = newGenesis({ mesh: SPACE, name: 'trip', founder: publicKey, verifiers: [], random })
  return { genesis, replica: { records } }
}

const session = () => new Session('secret', 'json')
const hear = (into: Session, message: object | string) =>
  into.hear(utf8(typeof message === 'string' ? message : JSON.stringify(message)), 5_000)

/** The record as it would be written in {@link space}. */
function written(into: Session, message: object) {
  const heard = hear(into, message)
  if (!('said' in heard) || heard.said.kind !== 'record') throw new Error(JSON.stringify(heard))
  return into.complete(heard.said, space())
}

const errorOf = (into: Session, message: object | string) => {
  const heard = hear(into, message)
  return 'error' in heard && heard.error instanceof Error && 'code' in heard.error ? heard.error.code : undefined
}

describe('a session', () => {
  it('[GW-5] names messages by their number, and puts them into its latest space', () => {
    const into = session()
    expect(hear(into, { type: 'ping' })).toMatchObject({ re: '1', said: { id: '1', request: { type: 'ping' } } })
    expect(hear(into, { type: 'ping', id: 'mine' })).toMatchObject({ re: 'mine' })
    expect(hear(into, { type: 'need', content: 'help' })).toMatchObject({ re: '3', said: { time: 5_000 } })
    expect(hear(into, { type: 'need', content: 'help' })).not.toHaveProperty('said.space')
    into.enter(SPACE)
    expect(hear(into, { type: 'need', content: 'help' })).toMatchObject({ re: '5', said: { space: SPACE } })
  })

  it('[GW-8] writes what guests say as the peer’s, each with its label', () => {
    const { op } = written(session(), { type: 'proposal', content: 'Fly', from: 'Data Agent_7' })
    expect(op).toMatchObject({ k: 'proposal', via: 'Data Agent_7', agent: 'guest-data-agent-7' })
    expect(written(session(), { type: 'need', content: 'a map' }).op).toMatchObject({ via: 'guest', agent: 'guest' })
    expect(
      written(session(), { type: 'proposal', content: 'x', from: 'a', agent: 'flights', via: 'b' }).op,
    ).toMatchObject({ agent: 'guest-a', via: 'a' })
  })

  it.each([
    ['agent_id', 'guest-agent-id'],
    ['', 'guest'],
    ['–––', 'guest'],
    ['x'.repeat(128), `guest-${'x'.repeat(50)}`],
  ])('calls the guest %j %s', (label, agent) => {
    expect(agentOf(label)).toBe(agent)
  })

  it('[GW-9] finds what a record answers to: the question, a record, a name of the client’s own', () => {
    const into = session()
    expect(written(into, { type: 'capability_match', confidence: 0.8, offer: 'maps' }).op).toMatchObject({
      for: id('Q'),
    })
    expect(written(into, { type: 'build_on', parent: id('P'), content: 'c' }).op).toMatchObject({ parent: id('P') })
    into.wrote('proposal_xyz', id('P'))
    expect(written(into, { type: 'verify', of: 'proposal_xyz', v: 1 }).op).toMatchObject({ of: id('P') })
  })

  it.each([
    { type: 'build_on', parent: 'nobody', content: 'c' },
    { type: 'build_on', parent: id('Z'), content: 'c' },
    { type: 'build_on', content: 'c' },
  ])('[GW-9] says so when it answers to nothing: %j', message => {
    expect(codeOf(() => written(session(), message), AmpError)).toBe('unknown-parent')
  })

  it('[GW-10] resolves references by name, and hands back those it does not know', () => {
    const into = session()
    into.wrote('mine', id('P'))
    const { op, unresolved } = written(into, {
      type: 'proposal',
      content: 'c',
      references: [id('Q'), 'shared_fact_123', 'mine'],
    })
    expect(op).toMatchObject({ references: [id('Q'), id('P')] })
    expect(unresolved).toEqual(['shared_fact_123'])
  })

  it.each([
    { type: 'admit', pub: publicKey },
    { type: 'ack', heads: [] },
    { type: 'verify', of: id('P'), v: 1, slot: id('P'), ver: 0, e: 0, vs: 'x'.repeat(86) },
  ])('[GW-11] does not say for a guest what a peer says of itself: $type', message => {
    expect(codeOf(() => written(session(), message), AmpError)).toBe('not-allowed')
  })

  it('settles on all that is there, for that guest alone', () => {
    const { op } = written(session(), { type: 'settle', from: 'me' })
    expect(op).toEqual({ k: 'settle', heads: [[`${'L'.repeat(21)}A`, 1]], agent: 'guest-me', via: 'me' })
  })

  it.each([
    ['{', 'bad-message'],
    ['[]', 'bad-message'],
    ['{"n":1}', 'bad-message'],
    ['{"type":"segment","space":"x"}', 'unknown-type'],
    ['{"type":"constructor"}', 'unknown-type'],
    ['{"type":"__proto__"}', 'unknown-type'],
    ['{"type":"join"}', 'bad-message'],
    ['{"type":"join","space":"short"}', 'bad-message'],
    ['{"type":"broadcast","query":""}', 'bad-message'],
    [`{"type":"broadcast","query":"q","context":${'['.repeat(20)}${']'.repeat(20)}}`, 'bad-message'],
    [`{"type":"ping","from":"${'x'.repeat(129)}"}`, 'bad-message'],
    [`{"type":"need","content":"${'x'.repeat(300_000)}"}`, 'too-large'],
  ])('[GW-12] refuses %.60s with %s, and goes on', (body, code) => {
    const into = session()
    expect(errorOf(into, body)).toBe(code)
    expect(hear(into, { type: 'ping' })).toHaveProperty('said')
  })

  it('[GW-16] sends again what was told behind an id, as long as it is kept', () => {
    const into = session()
    const told = Array.from({ length: 5 }, (_, n) => into.tell({ type: 'pong', re: String(n) }))
    expect(into.after(told[2]?.id)).toEqual(told.slice(3))
    expect(into.after(undefined)).toEqual(told)
    expect(into.after('never')).toBeUndefined()
    for (let n = 0; n < GATEWAY_LIMITS.kept; n++) into.tell({ type: 'pong', re: String(n) })
    expect(into.after(told[2]?.id)).toBeUndefined()
    expect(into.after(undefined)).toBeUndefined()
  })

  it('keeps no more bytes than it may', () => {
    const into = session()
    const long = 'x'.repeat(100_000)
    const told = Array.from({ length: 30 }, () => into.tell({ type: 'error', code: 'busy', message: long }))
    const kept = into.after(told[25]?.id) ?? []
    expect(kept).toEqual(told.slice(26))
    expect(into.after(told[5]?.id)).toBeUndefined()
  })
})
