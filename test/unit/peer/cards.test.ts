/** A peer's own cards: news is gossiped, what is only renewed is left to be pulled where it can be. */
import { Directory, LexicalEmbedder } from '@amp-mesh/discovery'
import { MemorySwitchboard } from '@amp-mesh/peer'
import { agentIdOf, PEER_LIMITS } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import { Cards } from '../../../packages/peer/src/cards.ts'
import { wireNames } from '../../../packages/peer/src/protocols.ts'
import { verifyOnce } from '../../simulation/space.ts'
import { identity, MESH, TestClock } from '../discovery/mesh.ts'

const draft = { capabilities: [{ text: 'flights' }], operator: 'test', model: 'none', state: 'ready' as const }
const drafts = ['flights', 'trains'].map(name => ({ ...draft, name }))
const names = wireNames(MESH)

/** `places`: of its directory. */
function ada(places: number) {
  const clock = new TestClock()
  const ada = identity(1)
  const network = new MemorySwitchboard().network(ada.peerId)
  const said: string[] = []
  network.publish = async topic => void said.push(topic)
  const directory = new Directory({ mesh: MESH, verify: verifyOnce, clock, self: ada.peerId, cards: places })
  const cards = new Cards({
    ...{ network, names, mesh: MESH, identity: ada, directory, clock },
    random: { float: () => 0.5, bytes: length => new Uint8Array(length) },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    embedder: new LexicalEmbedder(),
    linked: () => [],
  })
  const seqs = () => drafts.map(({ name }) => directory.get(agentIdOf(ada.peerId, name))?.seq ?? 0)
  return { cards, clock, said, seqs }
}

it('a renewed card is not gossiped; one that says something new is', async () => {
  const { cards, clock, said, seqs } = ada(10)
  await cards.announce(drafts)
  const first = seqs()
  expect(said).toEqual([names.topics.batches])
  await clock.advance(PEER_LIMITS.cardLifeMs * 3)
  expect(seqs().every((seq, n) => seq > (first[n] ?? Number.POSITIVE_INFINITY))).toBe(true)
  expect(said).toEqual([names.topics.batches])
  await cards.announce(drafts.map(each => (each.name === 'trains' ? { ...each, state: 'busy' as const } : each)))
  expect(said).toEqual([names.topics.batches, names.topics.cards])
  cards.stop()
})

it('where there are more cards than places a renewed one is gossiped as well', async () => {
  const { cards, clock, said, seqs } = ada(2)
  await cards.announce(drafts)
  const first = seqs()
  await clock.advance(PEER_LIMITS.cardLifeMs / 2)
  expect(seqs()).not.toEqual(first)
  expect(said).toEqual([names.topics.batches, names.topics.batches])
  cards.stop()
})
