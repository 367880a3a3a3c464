/** Plain clients of real peers: the examples of seed 004 typed into a WebSocket, from any language, live. */
import { GATEWAY_ANSWERS, GATEWAY_CLOSE, type GatewayAnswerType, RECORDS, WIRE_LIMITS } from '@amp-mesh/protocol'
import { Packr } from 'msgpackr'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { statusOf } from '../rooms/visitor.ts'
import { until } from '../until.ts'
import { PlainClient, type Told } from './client.ts'
import { type Travel, travel } from './travel.ts'

let mesh: Travel
const clients: PlainClient[] = []

const client = (protocols?: string[], headers?: object) => {
  const made = new PlainClient(mesh.desk, protocols, headers)
  clients.push(made)
  return made.opened()
}

beforeAll(async () => {
  mesh = await travel()
})
afterEach(() => {
  for (const each of clients.splice(0)) each.socket.terminate()
})
afterAll(() => mesh?.close())

/** What is wrong with a message by the schemas of the gateway; undefined: nothing. */
function flawIn({ type, ...fields }: Told): string | undefined {
  if (Object.hasOwn(GATEWAY_ANSWERS, type))
    return GATEWAY_ANSWERS[type as GatewayAnswerType].safeParse(fields).error?.message
  return Object.hasOwn(RECORDS, type) ? undefined : `no type of the gateway: ${type}`
}

describe('a WebSocket client', () => {
  it('[G8.gateway] [GW-4] [GW-6] [GW-7] asks as in seed 004 and hears all that is said, live, to the end', async () => {
    const plain = await client()
    plain.say({ type: 'broadcast', query: 'Who can help with: book travel to NYC?', context: {}, from: 'agent_id' })
    const { space } = await plain.hears('said', { re: '1' })
    const done = await plain.hears('done', { re: '1' })
    expect(plain.told[0]).toMatchObject({
      type: 'hello',
      protocol: '1.0',
      peer: mesh.desk.identity.peerId,
      name: 'travel',
    })
    expect(done).toMatchObject({ outcome: 'concluded', space, peers: 1 })
    expect(plain.told.map(flawIn).filter(flaw => flaw !== undefined)).toEqual([])
    const shown = plain.told.filter(({ type }) => Object.hasOwn(RECORDS, type))
    expect(shown.every(told => told.space === space && typeof told.time === 'number')).toBe(true)
    expect(shown[0]).toMatchObject({ type: 'broadcast', via: 'agent_id', from: mesh.desk.identity.peerId })
    const office = mesh.office.identity.peerId
    expect(plain.of('capability_match').map(({ from, confidence, offer }) => [from, confidence, offer])).toEqual([
      [`amp://${office}/flights`, 0.95, 'I can handle flights'],
      [`amp://${office}/hotels`, 0.9, 'I can handle hotels'],
    ])
    const [proposal] = plain.of('proposal')
    expect(plain.of('build_on').map(({ parent }) => parent)).toContain(proposal?.id)
    expect(plain.of('synthesis').map(({ id }) => id)).toEqual([done.synthesis])
    expect(plain.of('ack').length + plain.of('admit').length + plain.of('cert').length).toBe(0)
  })

  it('[GW-1] speaks msgpack to those who ask for it', async () => {
    const plain = await client(['amp.v1.msgpack', `amp.token.${mesh.desk.token}`], { authorization: '' })
    expect(plain.socket.protocol).toBe('amp.v1.msgpack')
    plain.socket.send(new Packr({ useRecords: false }).pack({ type: 'ping', n: 7 }))
    expect(await plain.hears('pong', { re: '1' })).toMatchObject({ n: 7 })
  })

  it('[GW-1] takes one without a subprotocol for JSON, and refuses versions it does not speak', async () => {
    const plain = await client([])
    plain.say({ type: 'ping' })
    await plain.hears('pong')
    expect(await statusOf(mesh.desk.gatewayUrl, ['amp.v9.json', `amp.token.${mesh.desk.token}`])).toBe(400)
  })

  it('[GW-2] [GW-3] lets in who shows the token, from the own page or no page, under an own name', async () => {
    const { gatewayUrl, token } = mesh.desk
    const known = ['amp.v1.json', `amp.token.${token}`]
    expect(await statusOf(gatewayUrl, known)).toBe(101)
    expect(await statusOf(gatewayUrl, ['amp.v1.json'], { authorization: `Bearer ${token}` })).toBe(101)
    expect(await statusOf(gatewayUrl, ['amp.v1.json'])).toBe(401)
    expect(await statusOf(gatewayUrl, ['amp.v1.json', 'amp.token.wrong'])).toBe(401)
    expect(await statusOf(`${gatewayUrl}?token=${token}`, ['amp.v1.json'])).toBe(401)
    expect(await statusOf(gatewayUrl, known, { origin: 'https://evil.example' })).toBe(403)
    expect(await statusOf(gatewayUrl, known, { host: 'evil.example' })).toBe(421)
  })

  it('[GW-12] is told what is wrong, by code and in words, and goes on', async () => {
    const plain = await client()
    plain.socket.send('{"type":"bro')
    plain.say({ type: 'heads', id: 'h' })
    plain.say({ type: 'proposal', content: 'of nothing' })
    plain.say({ type: 'join', space: 'A'.repeat(43) })
    plain.say({ type: 'broadcast', query: 7, id: 'seven' })
    plain.say({ type: 'ping', id: 'last' })
    await plain.hears('pong', { re: 'last' })
    expect(plain.of('error').map(({ re, code }) => [re, code])).toEqual([
      ['1', 'bad-message'],
      ['h', 'unknown-type'],
      ['3', 'unknown-space'],
      ['4', 'unknown-space'],
      ['seven', 'bad-message'],
    ])
    expect(plain.of('error').at(-1)?.message).toBe('not a broadcast: query: Expected string')
  })

  it('[GW-17] [GW-18] is let go when it sends what nobody reads', async () => {
    const [long, odd] = [await client(), await client()]
    long.socket.send('x'.repeat(WIRE_LIMITS.message + 1))
    odd.socket.send(Uint8Array.of(0x81))
    await until('both are closed', () => long.closed !== undefined && odd.closed !== undefined)
    expect([long.closed?.code, odd.closed?.code]).toEqual([1009, GATEWAY_CLOSE.wrongForm])
  })

  it('[GW-14] finds agents by what they can do', async () => {
    const plain = await client()
    plain.say({ type: 'find', query: 'book hotel rooms', id: 'who' })
    expect(await plain.hears('found', { re: 'who' })).toMatchObject({ count: plain.of('candidate').length })
    expect(plain.of('candidate')[0]).toMatchObject({ from: `amp://${mesh.office.identity.peerId}/hotels`, re: 'who' })
    plain.say({ type: 'find', query: 'book hotel rooms', minConfidence: 1, id: 'sure' })
    expect(await plain.hears('found', { re: 'sure' })).toMatchObject({ count: 0 })
  })
})

describe('a guest', () => {
  it('[G8.guest] [GW-15] hears another peer’s question, offers, builds on, is cited in its end', async () => {
    const guest = await client()
    guest.say({ type: 'listen' })
    await guest.hears('listening')
    const asking = mesh.office.ask('Who knows the night train?', { scope: 'all', fresh: true })
    const question = await guest.hears('broadcast', { query: 'Who knows the night train?' })
    const { space } = question
    guest.say({ type: 'join', space })
    await guest.hears('joined', { space })
    guest.say({ type: 'capability_match', confidence: 0.99, offer: 'I know all trains', from: 'trains' })
    guest.say({
      type: 'proposal',
      id: 'p',
      content: 'Take the night train',
      references: ['thread_456'],
      from: 'trains',
    })
    guest.say({ type: 'build_on', parent: 'p', content: 'and sleep in it', from: 'trains' })
    expect(await guest.hears('said', { re: 'p' })).toMatchObject({ unresolved: ['thread_456'] })
    const built = await guest.hears('build_on', { via: 'trains' })
    expect(built).toMatchObject({ from: `amp://${mesh.desk.identity.peerId}/guest-trains`, space })
    await guest.hears('build_on', { parent: built.id })
    guest.say({ type: 'settle', from: 'trains' })
    const answer = await asking.answer
    expect(answer.outcome).toBe('concluded')
    expect(JSON.stringify(answer.synthesis?.op.claims)).toContain(built.id)
    const { op } = mesh.office.space(answer.space)?.replica.records.get(built.id) ?? {}
    expect(op).toMatchObject({ k: 'build_on', via: 'trains', agent: 'guest-trains' })
  })

  it('[GW-9] [GW-11] [GW-13] speaks only of what is there, and not as the peer', async () => {
    const guest = await client()
    const space = mesh.desk.spaces()[0]?.id
    guest.say({ type: 'join', space, id: 'j' })
    const { records, question } = await guest.hears('joined', { re: 'j' })
    const shown = guest.told.filter(({ type }) => Object.hasOwn(RECORDS, type))
    expect(shown.length).toBe(records)
    expect(shown[0]?.id).toBe(question)
    expect(shown.map(({ time }) => time)).toEqual(shown.map(({ time }) => Number(time)).sort((a, b) => a - b))
    guest.say({ type: 'build_on', parent: 'proposal_xyz', content: 'c', id: 'b' })
    guest.say({ type: 'admit', pub: mesh.office.identity.publicKey, id: 'a' })
    guest.say({ type: 'leave', space })
    await guest.hears('left')
    expect(guest.of('error').map(({ re, code }) => [re, code])).toEqual([
      ['b', 'unknown-parent'],
      ['a', 'not-allowed'],
    ])
    guest.say({ type: 'proposal', content: 'said after leaving', id: 'after' })
    await guest.hears('said', { re: 'after' })
    expect(guest.of('proposal').some(({ content }) => content === 'said after leaving')).toBe(false)
  })
})

describe('a client that was cut', () => {
  it('[GW-16] goes on where it was: nothing is lost, nothing comes twice', async () => {
    const before = await client()
    const { session } = before.told[0] as Told
    const space = mesh.desk.spaces()[0]?.id ?? ''
    before.say({ type: 'join', space })
    await before.hears('joined')
    before.say({ type: 'proposal', content: 'named', id: 'mine' })
    const { record } = await before.hears('said', { re: 'mine' })
    await before.hears('proposal', { id: record })
    const last = before.told.at(-1)?.id
    await before.left()
    const replica = mesh.desk.space(space)?.replica
    const missed = await replica?.append([{ k: 'fact', s: 'sky', p: 'colour', o: 'blue' }])

    const after = await client()
    after.say({ type: 'resume', session, after: last })
    expect(await after.hears('resumed')).toMatchObject({ session, complete: true })
    expect(after.told.slice(1).map(({ type, id }) => [type, id])).toEqual([
      ['fact', missed?.[0]?.id],
      ['resumed', after.told.at(-1)?.id],
    ])
    after.say({ type: 'build_on', parent: 'mine', content: 'its names are known' })
    expect(await after.hears('build_on', { parent: record })).toMatchObject({ space })
  })

  it('[GW-16] is told when its session has ended, or another connection took it over', async () => {
    const [one, two, three] = [await client(), await client(), await client()]
    const { session } = one.told[0] as Told
    two.say({ type: 'resume', session })
    await two.hears('resumed', { complete: true })
    await until('the first is closed', () => one.closed !== undefined)
    expect(one.closed?.code).toBe(GATEWAY_CLOSE.resumedElsewhere)
    three.say({ type: 'resume', session: 'x'.repeat(22) })
    expect(await three.hears('error')).toMatchObject({ code: 'stale' })
    three.say({ type: 'listen' })
    three.say({ type: 'resume', session, id: 'late' })
    expect(await three.hears('error', { re: 'late' })).toMatchObject({ code: 'not-allowed' })
  })
})

describe('POST', () => {
  const post = async (body: object | string, headers: Record<string, string> = {}) => {
    const response = await fetch(mesh.desk.gatewayUrl.replace('ws:', 'http:'), {
      method: 'POST',
      headers: { authorization: `Bearer ${mesh.desk.token}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const lines = (await response.text()).trim().split('\n')
    return { status: response.status, told: lines.map(line => JSON.parse(line) as Told) }
  }

  it('[GW-19] takes a question and answers with all that comes of it', async () => {
    const { status, told } = await post({ type: 'broadcast', query: 'Who can plan a trip to Rome?', from: 'curl' })
    expect(status).toBe(200)
    expect(told.map(flawIn).filter(flaw => flaw !== undefined)).toEqual([])
    expect(told[0]).toMatchObject({ type: 'said', re: '1' })
    expect(told.filter(({ type }) => type === 'capability_match').length).toBe(2)
    expect(told.at(-1)).toMatchObject({ type: 'done', outcome: 'concluded' })

    const space = told[0]?.space
    const joined = await post({ type: 'join', space })
    expect(joined.told.at(-1)).toMatchObject({ type: 'joined', space, records: joined.told.length - 1 })
    const said = await post({ type: 'concern', space, parent: joined.told.at(-1)?.question, content: 'When?' })
    expect(said.told).toEqual([expect.objectContaining({ type: 'said', space })])
  })

  it.each([
    [400, 'bad-message', '{"type":"broadcast"}'],
    [400, 'unknown-type', '{"type":"segment"}'],
    [404, 'unknown-space', '{"type":"proposal","content":"c"}'],
    [410, 'stale', '{"type":"resume","session":"xxxxxxxxxxxxxxxxxxxxxx"}'],
    [413, 'too-large', `"${'x'.repeat(WIRE_LIMITS.message)}"`],
  ])('[GW-19] says by status and line what is wrong: %d %s', async (status, code, body) => {
    expect(await post(body)).toEqual({ status, told: [expect.objectContaining({ type: 'error', code })] })
  })

  it('[GW-2] [GW-3] asks for the token, and who asks', async () => {
    expect((await post({ type: 'ping' }, { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await post({ type: 'ping' }, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await post({ type: 'ping' })).told).toEqual([{ type: 'pong', id: 's1', re: '1' }])
  })
})
