/** Rooms of real peers, real y-websocket clients in them: one document from any peer, and nothing written gets out. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { visibleHash } from '@amp-mesh/context/projection'
import { createPeer, type NodePeer } from '@amp-mesh/peer/node'
import { type Op, ROOM_LIMITS, type SpaceId } from '@amp-mesh/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { until } from '../until.ts'
import { craft, deleted, subdocument, values } from './hostile-update.ts'
import { attach, RawVisitor, statusOf, synced } from './visitor.ts'

let dataDir: string
let one: NodePeer
let two: NodePeer
let space: SpaceId
const providers: WebsocketProvider[] = []
const raw: RawVisitor[] = []

const enter = (peer: NodePeer, room: string, doc = new Y.Doc()) => {
  const provider = attach(peer, space, room, doc)
  providers.push(provider)
  return { doc, provider }
}
const intrude = async (peer: NodePeer, room: string) => {
  const visitor = await new RawVisitor(`${peer.roomsUrl(space)}/${room}`, peer.token).opened()
  raw.push(visitor)
  return visitor
}
const fact = (o: number | string): Op => ({ k: 'fact', s: 'sky', p: 'colour', o })
const say = async (peer: NodePeer, op: Op) => (await peer.space(space)?.replica.append([op]))?.[0]?.id ?? ''
const records = (peer: NodePeer) => peer.space(space)?.replica.records
const facts = (peer: NodePeer) => records(peer)?.of('fact').length ?? 0

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'amp-rooms-'))
  one = await createPeer({ name: 'one', mesh: 'rooms', dataDir })
  two = await createPeer({ name: 'two', mesh: 'rooms', dataDir, join: one.addresses() })
  const made = await one.createSpace({ name: 'shared', members: [two.identity.peerId] })
  space = made.id
  await made.replica.append([{ k: 'broadcast', query: 'What colour has the sky?' }])
  await until('both are in the space', () => two.space(space) !== undefined)
})
afterEach(() => {
  for (const provider of providers.splice(0)) provider.destroy()
  for (const visitor of raw.splice(0)) visitor.socket.terminate()
})
afterAll(async () => {
  await Promise.allSettled([one?.stop(), two?.stop()])
  await rm(dataDir, { recursive: true, force: true })
})

describe('the room graph', () => {
  it('[G2.rooms] is one and the same document for a client of two peers, live', async () => {
    const { doc, provider } = enter(one, 'graph')
    const other = enter(two, 'graph', doc)
    await Promise.all([synced(provider), synced(other.provider)])
    const first = await say(two, fact('blue'))
    const second = await say(one, { k: 'fact', s: 'sky', p: 'colour', o: 'grey', sup: await say(one, fact('black')) })
    await until('both facts are there', () => doc.getMap('facts').has(first) && doc.getMap('facts').has(second))
    expect([...doc.getMap('facts').keys()].sort()).toEqual([first, second].sort())
    expect(doc.getMap('facts').get(first)).toMatchObject({ k: 'fact', o: 'blue', by: two.identity.publicKey })

    const alone = [enter(one, 'graph'), enter(two, 'graph')]
    await Promise.all(alone.map(each => synced(each.provider)))
    await until('all see the same', () => alone.every(each => visibleHash(each.doc) === visibleHash(doc)))
    await say(two, { k: 'retract', of: first })
    await until('it is gone for all', () =>
      [doc, ...alone.map(each => each.doc)].every(each => !each.getMap('facts').has(first)),
    )
    expect(doc.store.pendingStructs).toBeNull()
  })

  it('[G4.rooms] gives nothing a client writes to anybody', async () => {
    const kept = await say(one, fact('kept'))
    const reader = enter(one, 'graph')
    await synced(reader.provider)
    await until('it has the fact', () => reader.doc.getMap('facts').has(kept))
    const before = visibleHash(reader.doc)
    const known = facts(one)

    const { doc, provider } = enter(one, 'graph')
    await synced(provider)
    doc.getMap('facts').set('mine', 'forged')
    doc.getMap('facts').delete(kept)
    const visitor = await intrude(one, 'graph')
    const client = [...reader.doc.store.clients.keys()][0] ?? 0
    for (const attack of [
      craft([[client, 100, [{ root: 'facts', key: 'x', content: values(1) }]]]),
      craft([[6, 0, [{ root: 'facts', key: 'x', content: subdocument('evil') }]]]),
      craft([], [[client, [[0, 100_000]]]]),
      craft([[client, 0, [{ gc: 2 ** 40 }]]]),
      craft([[7, 0, [{ root: 'facts', content: deleted(2 ** 53 - 1) }]]]),
      craft([[8, 0, [], 33_000_000]]),
      Uint8Array.of(255, 255, 255, 255),
    ])
      visitor.update(attack)

    const after = await say(two, fact('after'))
    await until('an honest fact still arrives', () => reader.doc.getMap('facts').has(after))
    expect(reader.doc.getMap('facts').has('mine')).toBe(false)
    expect(reader.doc.getMap('facts').has(kept)).toBe(true)
    expect(facts(one)).toBe(known + 1)
    const late = enter(one, 'graph')
    await synced(late.provider)
    expect(late.doc.getMap('facts').has('mine')).toBe(false)
    expect(late.doc.subdocs.size).toBe(0)
    await until('all see the same', () => visibleHash(late.doc) === visibleHash(reader.doc))
    expect(visibleHash(late.doc)).not.toBe(before) // it can tell documents apart
  })

  it('lets go of who says what no client says, and of nobody else', async () => {
    const { doc, provider } = enter(one, 'graph')
    await synced(provider)
    const [odd, long, many] = [await intrude(one, 'graph'), await intrude(one, 'graph'), await intrude(one, 'graph')]
    odd.socket.send(Uint8Array.of(99))
    long.socket.send(new Uint8Array(ROOM_LIMITS.message + 1))
    for (let i = 0; i < 2 * ROOM_LIMITS.messageBurst; i++) many.socket.send(Uint8Array.of(3))
    await until('they are gone', () => [odd, long, many].every(({ closed }) => closed !== undefined))
    expect([odd.closed, many.closed]).toEqual([4400, 1013])
    const id = await say(one, fact('still here'))
    await until('it arrives', () => doc.getMap('facts').has(id))
  })
})

describe('presence', () => {
  it('is told to those in the room only, and ends with its client', async () => {
    const [ann, ben, elsewhere] = [enter(one, 'graph'), enter(one, 'graph'), enter(one, 'views')]
    await Promise.all([ann, ben, elsewhere].map(({ provider }) => synced(provider)))
    ann.provider.awareness.setLocalStateField('user', { name: 'Ann' })
    const seen = (by: typeof ben) => by.provider.awareness.getStates().get(ann.doc.clientID)
    await until('Ben sees Ann', () => seen(ben)?.user?.name === 'Ann')
    const carl = enter(one, 'graph')
    await until('who comes later sees her too', () => seen(carl)?.user?.name === 'Ann')
    ben.provider.awareness.setLocalState({ note: 'x'.repeat(ROOM_LIMITS.presence) })
    const thief = await intrude(one, 'graph')
    // Ann's client id and a higher clock, from another connection
    const json = new TextEncoder().encode('{"user":{"name":"not Ann"}}')
    const id: number[] = []
    for (let left = ann.doc.clientID; ; left = Math.floor(left / 128)) {
      id.push(left > 127 ? (left & 127) | 128 : left)
      if (left <= 127) break
    }
    const states = Uint8Array.of(1, ...id, 100, json.length, ...json)
    thief.socket.send(Uint8Array.of(1, states.length, ...states))
    ann.provider.awareness.setLocalStateField('cursor', 7)
    await until('her cursor moves', () => seen(ben)?.cursor === 7)
    expect(seen(ben)?.user?.name).toBe('Ann')
    expect(seen(elsewhere)).toBeUndefined()
    expect(carl.provider.awareness.getStates().get(ben.doc.clientID)?.note).toBeUndefined()
    ann.provider.ws?.close()
    ann.provider.destroy()
    await until('she has left', () => seen(ben) === undefined)
  })
})

describe('the room views', () => {
  it('shows what the peer computes, as it changes', async () => {
    const { doc, provider } = enter(two, 'views')
    await synced(provider)
    const id = await say(one, fact('to be judged'))
    await until('it is proposed', () => doc.getMap('statuses').get(id) === 'proposed')
    await say(two, { k: 'verify', of: id, v: 1 })
    await until('its status follows', () => doc.getMap('statuses').get(id) === 'verified')
    const mine = `own/${one.identity.publicKey}/mood`
    await say(one, { k: 'count', name: 'birds', p: 3, n: 1 })
    await say(two, { k: 'count', name: 'birds', p: 4, n: 0 })
    await say(one, { k: 'reg', name: mine, v: 'calm' })
    const claim = await say(two, { k: 'assign', key: 'watch', to: 'two' })
    await until('the counter adds up', () => doc.getMap('counters').toJSON().birds?.value === 6)
    await until('the register is set', () => doc.getMap('registers').get(mine) === 'calm')
    await until('the watch is held', () => doc.getMap('assignments').toJSON().watch?.claims[0]?.id === claim)
    doc.getMap('statuses').set(id, 'final')
    const late = enter(two, 'views')
    await synced(late.provider)
    expect(late.doc.getMap('statuses').get(id)).toBe('verified')
  })
})

describe('the room outbox', () => {
  it('signs what a client pushes, once, and says what became of it', async () => {
    const { doc, provider } = enter(one, 'outbox')
    await synced(provider)
    const results = doc.getArray<{ ref: string; ok: boolean; id: string; code: string }>('results')
    const before = facts(two)
    doc.getArray('commands').push([
      { k: 'fact', s: 'sea', p: 'colour', o: 'green', agent: 'forged', ref: 'a' },
      { k: 'fact', s: 1, ref: 'b' },
      { k: 'admit', pub: two.identity.publicKey, ref: 'c' },
      { k: 'verify', of: 'x'.repeat(32), v: 1, slot: 's', ver: 0, e: 0, vs: 'v'.repeat(86), ref: 'd' },
      { k: 'retract', of: 'y'.repeat(32), ref: 'e' },
    ])
    await until('all are answered', () => results.length === 5)
    const outcome = Object.fromEntries(results.toArray().map(({ ref, ok, code }) => [ref, ok || code]))
    expect(outcome).toEqual({ a: true, b: 'bad-input', c: 'not-allowed', d: 'not-allowed', e: true })
    const said = records(one)?.get(results.get(0).id)
    expect(said).toMatchObject({ by: one.identity.publicKey, op: { k: 'fact', o: 'green', via: 'outbox' } })
    expect(said?.op).not.toHaveProperty('agent')

    provider.disconnect()
    doc.getArray('commands').push([{ k: 'fact', s: 'lake', p: 'colour', o: 'brown', ref: 'offline' }])
    provider.connect()
    await until('what was pushed offline is done', () => results.length === 6)
    await until('both are at the other peer', () => facts(two) === before + 2)
    expect(facts(one)).toBe(before + 2)
  })

  it('takes what stands in the array commands, and nothing else that the same document shows', async () => {
    await say(two, fact('echoed'))
    await say(one, { k: 'reg', name: 'any/order', v: { k: 'fact', s: 'register', p: 'is', o: 'obeyed' } })
    const { doc, provider } = enter(one, 'graph')
    const shown = enter(one, 'views', doc)
    await Promise.all([synced(provider), synced(shown.provider)])
    doc.getArray('drafts').push([{ k: 'fact', s: 'draft', p: 'is', o: 'sent' }])
    doc.getMap('later').set('first', { k: 'fact', s: 'map', p: 'is', o: 'sent' })
    doc.getMap('later').set('first', { k: 'fact', s: 'map', p: 'is', o: 'sent again' })
    doc.getArray('commands').push([{ k: 'fact', s: 'well', p: 'colour', o: 'black', ref: 'first' }])
    doc.getArray('commands').insert(0, [{ k: 'fact', s: 'fountain', p: 'colour', o: 'white', ref: 'second' }])
    await until('all facts are shown', () => doc.getMap('facts').size === facts(one))
    const before = facts(one)
    await synced(enter(one, 'outbox', doc).provider)
    const results = doc.getArray<{ ref?: string; ok: boolean }>('results')
    const isDone = (ref: string) => results.toArray().some(result => result.ref === ref && result.ok)
    await until('both commands are done', () => isDone('first') && isDone('second'))
    doc.getArray('commands').push([{ k: 'fact', s: 'river', p: 'colour', o: 'brown', ref: 'third' }])
    await until('the third is done', () => isDone('third'))
    expect(facts(one)).toBe(before + 3)
  })

  it('reads attack bytes and applies none', async () => {
    const { doc, provider } = enter(one, 'outbox')
    await synced(provider)
    const before = facts(one)
    const attacks = [
      craft([[8, 0, [], 33_000_000]]),
      craft([[9, 0, [{ root: 'commands', content: subdocument('evil') }]]]),
      craft([[9, 0, [{ root: 'commands', content: values({ k: 'fact', ['__proto__']: 1 }) }]]]),
      craft([], [[doc.clientID, [[0, 2 ** 40]]]]),
    ]
    for (const attack of attacks) (await intrude(one, 'outbox')).update(attack)
    doc.getArray('commands').push([{ k: 'fact', s: 'pond', p: 'colour', o: 'black' }])
    await until('honest commands go on', () => facts(one) === before + 1)
    const late = enter(one, 'outbox')
    await synced(late.provider)
    expect([...late.doc.share.keys()].filter(root => root !== 'results')).toEqual([])
  })
})

describe('[G4.rooms] the door', () => {
  it('asks for the token, for an own page and for an own name', async () => {
    const url = `${one.roomsUrl(space)}/graph`
    const token = `amp.token.${one.token}`
    const { host } = new URL(url)
    expect(await statusOf(url, [token])).toBe(101)
    expect(await statusOf(url, [], { authorization: `Bearer ${one.token}` })).toBe(101)
    expect(await statusOf(url, [token], { origin: `http://${host}` })).toBe(101)
    expect(await statusOf(`${url}?token=${one.token}`, [])).toBe(101)
    expect(await statusOf(url, [])).toBe(401)
    expect(await statusOf(url, [`amp.token.${two.token}`])).toBe(401)
    expect(await statusOf(url, [token], { origin: 'https://evil.example' })).toBe(403)
    expect(await statusOf(url, [token], { origin: 'null' })).toBe(403)
    expect(await statusOf(url, [token], { host: 'evil.example' })).toBe(421)
  })

  it('has no room for spaces and names that are not there', async () => {
    const base = one.roomsUrl(space)
    for (const path of [`${base}/secrets`, `${base}/graph/`, base.replace(space, 'A'.repeat(43))]) {
      const visitor = new RawVisitor(path, one.token)
      raw.push(visitor)
      await until('it is told', () => visitor.closed === 4404)
    }
  })
})
