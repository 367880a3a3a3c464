/** The projection of one replica: what is shown of a record, and what is left of one that was erased. */
import { GraphDocument, rootOf, visibleHash } from '@amp-mesh/context/projection'
import { toBase64url, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { ReplicaNetwork } from '../../../simulation/replica-network.ts'
import { genesisBytes, identity } from '../../../simulation/space.ts'

async function projected() {
  const net = new ReplicaNetwork(genesisBytes())
  const member = await net.join(identity(0))
  await net.clock.advance(2_000)
  return { net, member, graph: new GraphDocument(member.replica) }
}

describe('the projection', () => {
  it('shows a record with its id, author and time, in the root of its kind', async () => {
    const { net, member, graph } = await projected()
    const [said] = await net.say(member, { k: 'fact', s: 'sky', p: 'colour', o: ['blue', { at: 'noon' }] })
    expect(graph.doc.getMap(rootOf('fact')).toJSON()).toEqual({
      [said?.id ?? '']: { ...said?.op, id: said?.id, by: said?.by, at: said?.time },
    })
    const client = [...graph.doc.store.clients.keys()]
    expect(client).toHaveLength(1)
    expect(client[0]).toBeLessThan(2 ** 52)
  })

  it('keeps nothing of what its author erased', async () => {
    const { net, member, graph } = await projected()
    const [secret] = await net.say(member, { k: 'fact', s: 'door', p: 'code', o: 'a-secret-word' })
    const holds = () => Buffer.from(Y.encodeStateAsUpdate(graph.doc)).includes('a-secret-word')
    expect(holds()).toBe(true)
    await net.say(member, { k: 'retract', of: secret?.id ?? '', erase: true })
    await net.clock.advance(100)
    expect(graph.doc.getMap('facts').size).toBe(0)
    expect(holds()).toBe(false)
  })

  it('shows drafts, not the edits in them', async () => {
    const { net, member, graph } = await projected()
    const editors = [member.identity.publicKey]
    const [draft] = await net.say(member, { k: 'draft', title: 'd', editors, gen: 0 })
    const before = visibleHash(graph.doc)
    await net.say(member, { k: 'edit', draft: draft?.id ?? '', update: toBase64url(utf8('any bytes')) })
    expect(member.replica.records.of('edit')).toHaveLength(1)
    expect(visibleHash(graph.doc)).toBe(before)
    const again = new GraphDocument(member.replica)
    expect(visibleHash(again.doc)).toBe(before)
    await net.say(member, { k: 'fact', s: 's', p: 'p', o: 1 })
    expect(visibleHash(again.doc)).not.toBe(before)
    expect(visibleHash(again.doc)).toBe(visibleHash(graph.doc))
  })

  it('follows nobody once it is closed', async () => {
    const { net, member, graph } = await projected()
    graph.close()
    await net.say(member, { k: 'fact', s: 's', p: 'p', o: 1 })
    expect(graph.doc.getMap('facts').size).toBe(0)
  })
})
