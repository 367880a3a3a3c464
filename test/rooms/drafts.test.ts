/** Drafts between real peers: an agent, programs in rooms and other peers write one text; who bombs it is left out. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drafts } from '@amp-mesh/context'
import { editorClient } from '@amp-mesh/context/drafts'
import type { Space } from '@amp-mesh/peer'
import { DraftShelf } from '@amp-mesh/peer/drafts'
import { createPeer, type NodePeer, startDraftWorker } from '@amp-mesh/peer/node'
import { type Rec, type RecordId, type SpaceId, toBase64url } from '@amp-mesh/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { until } from '../until.ts'
import { type CraftedStruct, craft, format, subdocument, values } from './hostile-update.ts'
import { attach, RawVisitor, synced } from './visitor.ts'

let dataDir: string
let one: NodePeer
let two: NodePeer
let space: SpaceId
const providers: WebsocketProvider[] = []

const spaceOf = (peer: NodePeer): Space => {
  const found = peer.space(space)
  if (found === undefined) throw new Error('no space')
  return found
}
const enter = (peer: NodePeer, room: string, doc = new Y.Doc()) => {
  const provider = attach(peer, space, room, doc)
  providers.push(provider)
  return { doc, provider }
}
const text = (doc: Y.Doc) => doc.getText('content').toString()
const begin = async (title: string, editors = [two.identity.publicKey]): Promise<Rec<'draft'>> => {
  const record = await (await one.drafts()).begin(spaceOf(one), title, editors)
  await until('the other peer knows the draft', () => spaceOf(two).replica.records.has(record.id))
  return record
}
const open = async (peer: NodePeer, id: RecordId) => (await peer.drafts()).open(spaceOf(peer), id)
const edits = (peer: NodePeer, id: RecordId) =>
  spaceOf(peer)
    .replica.records.of('edit')
    .filter(({ op }) => op.draft === id)

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'amp-drafts-'))
  one = await createPeer({ name: 'one', mesh: 'drafts', dataDir })
  two = await createPeer({ name: 'two', mesh: 'drafts', dataDir, join: one.addresses() })
  const made = await one.createSpace({ name: 'shared', members: [two.identity.peerId] })
  space = made.id
  await made.replica.append([{ k: 'broadcast', query: 'Who writes the report?' }])
  await until('both are in the space', () => two.space(space) !== undefined)
})
afterEach(() => {
  for (const provider of providers.splice(0)) provider.destroy()
})
afterAll(async () => {
  await Promise.allSettled([one?.stop(), two?.stop()])
  await rm(dataDir, { recursive: true, force: true })
})

describe('a draft', () => {
  it('is written by an agent and by programs in rooms of two peers at once', async () => {
    const { id } = await begin('report')
    const agent = await (await open(two, id)).document()
    const [ann, ben] = [enter(one, `draft/${id}`), enter(two, `draft/${id}`)]
    await Promise.all([ann, ben].map(({ provider }) => synced(provider)))
    ann.doc.getText('content').insert(0, 'Ann writes. ')
    await until('the agent reads it', () => text(agent) === 'Ann writes. ')
    agent.getText('content').insert(12, 'The agent adds. ')
    ben.doc.getText('content').insert(0, 'Ben begins. ')
    ben.doc.getText('content').format(0, 3, { bold: true })
    const all = [agent, ann.doc, ben.doc]
    const whole = 'Ben begins. Ann writes. The agent adds. '
    await until('everybody has it all', () => all.every(doc => text(doc) === whole))
    await until('in bold', () => all.every(doc => doc.getText('content').toDelta()[0].attributes?.bold === true))
    const [first, second] = await Promise.all([open(one, id), open(two, id)])
    await until('both hold the same', async () => (await first.order()) === (await second.order()))
    for (const record of edits(one, id)) expect([one, two].map(peer => peer.identity.publicKey)).toContain(record.by)

    const late = enter(one, 'graph')
    await synced(late.provider)
    expect(late.doc.share.has('edit')).toBe(false)
    expect(late.doc.getMap('drafts').has(id)).toBe(true)
  })

  it('is still there for a peer that starts again, and a document of a closed desk is sent away', async () => {
    const { id } = await begin('lasting')
    const doc = await (await open(one, id)).document()
    doc.getText('content').insert(0, 'It lasts.')
    await (await open(one, id)).flush()
    await until('it is at the other peer', () => edits(two, id).length > 0)
    const { doc: kept, provider } = enter(two, `draft/${id}`)
    await synced(provider)
    expect(text(kept)).toBe('It lasts.')
    provider.destroy()
    await two.stop()
    two = await createPeer({ name: 'two', mesh: 'drafts', dataDir, join: one.addresses() })
    expect(await (await open(two, id)).text()).toBe('It lasts.')
    const again = enter(two, `draft/${id}`, kept)
    let closed: number | undefined
    again.provider.on('closed', ({ code }) => {
      closed = code
    })
    await until('its old document is refused', () => closed === 4409)
    const fresh = enter(two, `draft/${id}`)
    await synced(fresh.provider)
    expect(text(fresh.doc)).toBe('It lasts.')
  })

  it('takes nothing but edits from a hostile program', async () => {
    const { id } = await begin('guarded')
    const honest = enter(one, `draft/${id}`)
    await synced(honest.provider)
    honest.doc.getText('content').insert(0, 'safe')
    const other = await (await open(two, id)).document()
    await until('it is there', () => text(other) === 'safe')
    const graph = enter(two, 'graph')
    await synced(graph.provider)
    const shown = () => JSON.stringify(['facts', 'drafts', 'proposals'].map(root => graph.doc.getMap(root).toJSON()))
    const before = shown()
    const visitor = await new RawVisitor(`${one.roomsUrl(space)}/draft/${id}`, one.token).opened()
    const foreign = editorClient(id, two.identity.publicKey)
    for (const attack of [
      craft([[5, 0, [{ root: 'facts', key: 'x', content: values(1) }]]]),
      craft([[6, 0, [{ root: 'content', content: subdocument('evil') }]]]),
      craft([[foreign, 0, [{ root: 'content', content: values('forged') }]]]),
      craft([], [[foreign, [[0, 100_000]]]]),
    ])
      visitor.update(attack)
    honest.doc.getText('content').insert(4, ' and sound')
    await until('honest writing goes on', () => text(other).includes(' and sound'))
    expect(other.subdocs.size).toBe(0)
    for (const { op } of edits(two, id))
      expect(op.update).not.toContain(toBase64url(new TextEncoder().encode('evil!')).slice(0, 5))
    expect(shown()).toBe(before)
    visitor.socket.terminate()
  })

  it('[G4.drafts] is frozen where an editor bombs it, and goes on without them', async () => {
    const { id } = await begin('bombed')
    const shelf = new DraftShelf({ ...worldOf(one), taskMs: 300 })
    const draft = shelf.open(spaceOf(one), id)
    const doc = await draft.document()
    doc.getText('content').insert(0, 'Good words.')
    await draft.flush()
    await until('it is at the other peer', () => edits(two, id).length > 0)

    const evil = editorClient(id, two.identity.publicKey)
    const append = (updates: readonly Uint8Array[]) =>
      spaceOf(two).replica.append(updates.map(update => ({ k: 'edit', draft: id, update: toBase64url(update) })))
    const long = Array.from({ length: 12 }, (_, i) => craft([[evil, 900 * i, chain(evil, 900 * i, 900)]]))
    const lost = searching(1_200)
    await append(long.slice(0, 6))
    await append(long.slice(6))
    await append([craft([[evil + 1, 0, lost]]), craft([[evil + 1, lost.length, lost]])])
    await until('it is frozen', () => draft.frozen !== undefined)
    expect(draft.frozen?.by).toBe(two.identity.publicKey)
    expect(await draft.text()).toBe('Good words.')
    expect(draft.isEditable).toBe(false)
    await until('the others are told', () =>
      spaceOf(two)
        .replica.records.of('concern')
        .some(({ op }) => op.parent === id),
    )

    const next = await shelf.goOn(spaceOf(one), id, [two.identity.publicKey])
    expect(next.op).toMatchObject({ gen: 1, after: id, editors: [one.identity.publicKey] })
    expect(await shelf.open(spaceOf(one), next.id).text()).toBe('Good words.')
    const view = drafts(spaceOf(one).replica.records).find(({ record }) => record.id === id)
    expect(view?.next?.id).toBe(next.id)
    const other = await begin('another', [two.identity.publicKey])
    const fine = await shelf.open(spaceOf(one), other.id).document()
    fine.getText('content').insert(0, 'Nothing happened here.')
    await shelf.open(spaceOf(one), other.id).flush()
    expect(edits(one, other.id)).toHaveLength(1)
    await shelf.close()
  })

  it('goes on where a program of its own peer bombs it, and nobody is blamed', async () => {
    const { id } = await begin('clumsy')
    const shelf = new DraftShelf({ ...worldOf(one), taskMs: 300 })
    const draft = shelf.open(spaceOf(one), id)
    const doc = await draft.document()
    doc.getText('content').insert(0, 'Good words.')
    await draft.flush()
    let broke = 0
    draft.onBreak(() => broke++)
    const desk = draft.desk()
    desk.take?.(craft([[7, 0, chain(7, 0, 12_000)]]))
    desk.take?.(craft([[8, 0, searching(4_000)]]))
    await until('it is interrupted', () => broke > 0)
    expect(draft.frozen).toBeUndefined()
    expect(doc.isDestroyed).toBe(true)
    const again = await draft.document()
    expect(text(again)).toBe('Good words.')
    again.getText('content').insert(0, 'Still: ')
    await draft.flush()
    expect(await draft.text()).toBe('Still: Good words.')
    expect(
      spaceOf(one)
        .replica.records.of('concern')
        .some(({ op }) => op.parent === id),
    ).toBe(false)
    await shelf.close()
  })

  /** A long list of what never merges … */
  const chain = (client: number, from: number, count: number): CraftedStruct[] =>
    Array.from({ length: count }, (_, i) => ({
      ...(from + i === 0 ? { root: 'list' } : { origin: [client, from + i - 1] as const }),
      content: format('b', '1'),
    }))
  /** … and items that, from a higher client, look for their place from its beginning. */
  const searching = (count: number): CraftedStruct[] =>
    Array.from({ length: count }, () => ({ root: 'list', content: format('b', '1') }))

  const worldOf = ({ identity, clock, random, logger }: NodePeer) => ({
    identity,
    clock,
    random,
    logger,
    startWorker: startDraftWorker,
  })
})
