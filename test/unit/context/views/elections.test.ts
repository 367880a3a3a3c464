/** Votes, certificates and what they make of a record: CONTEXT.md §12. Four verifiers: f = 1, Q = 3. */
import { conflicts, elections, functionalSlot, Records, status, voteCheck } from '@amp-mesh/context'
import { type Identity, identityFromSeed, spaceIdOf, toBase64url, type Vote, voteHash } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { genesisBytes, identity, ledger, verifyOnce } from '../../../simulation/space.ts'
import { fromHex, readVectors, toHex } from '../../protocol/vectors.ts'
import { fact, ViewStory } from './view-story.ts'

interface VoteVectors {
  space: string
  accept: { description: string; seed: string; publicKey: string; vote: Vote; hash: string; vs: string }[]
  reject: { description: string; publicKey: string; vote: Vote; vs: string; space?: string }[]
}
const vectors = readVectors<VoteVectors>('votes.json')

describe('a vote', () => {
  it.each(vectors.accept)('$description', ({ seed, publicKey, vote, hash, vs }) => {
    const voter: Identity = identityFromSeed(fromHex(seed))
    expect(voter.publicKey).toBe(publicKey)
    expect(toHex(voteHash(vectors.space, vote))).toBe(hash)
    expect(toBase64url(voter.sign(voteHash(vectors.space, vote)) as Uint8Array)).toBe(vs)
    expect(voteCheck(vectors.space, verifyOnce)(publicKey, vote, vs)).toBe(true)
  })

  it.each(vectors.reject)('is none: $description', ({ publicKey, vote, vs, space = vectors.space }) => {
    const check = voteCheck(space, verifyOnce)
    expect([check(publicKey, vote, vs), check(publicKey, vote, vs)]).toEqual([false, false])
  })

  it('is checked once', () => {
    let checks = 0
    const check = voteCheck(vectors.space, (...given) => {
      checks++
      return verifyOnce(...given)
    })
    for (const { publicKey, vote, vs } of [...vectors.accept, ...vectors.accept]) check(publicKey, vote, vs)
    expect(checks).toBe(vectors.accept.length)
  })
})

describe('a certificate', () => {
  it('makes final what Q voted for, once f+1 verifiers hold it in their logs', () => {
    const story = new ViewStory()
    const said = story.say(0, fact(1))
    for (const n of [0, 1, 2]) story.vote(n, said)
    expect(elections(story.records, story.genesis).certifiedIn(said.id, 0)).toBe(said.id)
    expect(story.status(said), 'certified, but nobody holds the certificate').toBe('verified')
    story.certify(3, [0, 1, 2], said)
    expect(story.status(said), 'its publisher could still take it away by forking').toBe('verified')
    story.certify(3, [0, 1, 2], said)
    expect(story.status(said), 'the same one twice').toBe('verified')
    story.certify(1, [0, 1, 2], said)
    expect(story.status(said)).toBe('final')
  })

  it('stands alone: without the votes, after a change of mind, after its subject was taken back', () => {
    const story = new ViewStory()
    const said = story.say(0, fact(1))
    const vote = story.vote(1, said)
    for (const n of [2, 3]) story.certify(n, [1, 2, 3], said)
    expect(story.status(said)).toBe('final')
    story.say(1, { k: 'retract', of: vote.id })
    for (const n of [1, 2, 3]) story.verify(n, said, -1)
    expect(story.status(said)).toBe('final')
    story.say(0, { k: 'retract', of: said.id })
    story.say(0, fact(2, { sup: said.id }))
    expect(story.status(said)).toBe('final')
  })

  it('needs Q genuine votes of distinct verifiers, for this record, slot and version', () => {
    const story = new ViewStory()
    const [said, other] = [story.say(0, fact(1)), story.say(0, fact(2))]
    story.say(0, { k: 'admit', pub: identity(9).publicKey })
    const publish = (sigs: [string, string][], of = said.id, ver = 0) => {
      for (const n of [1, 2]) story.say(n, { k: 'cert', of, slot: said.id, ver, e: 0, sigs })
    }
    const sig = (n: number): [string, string] => [
      identity(n).publicKey,
      story.sign(n, { slot: said.id, ver: 0, of: said.id }),
    ]
    publish([sig(0), sig(1)])
    publish([sig(0), sig(1), sig(1)])
    publish([sig(0), sig(1), sig(9)])
    publish([sig(0), sig(1), [identity(2).publicKey, sig(1)[1]]])
    publish([sig(0), sig(1), sig(2)], other.id)
    publish([sig(0), sig(1), sig(2)], said.id, 1)
    expect([story.status(said), story.status(other)]).toEqual(['proposed', 'proposed'])
    publish([sig(0), sig(1), sig(2)])
    expect(story.status(said)).toBe('final')
  })

  it('of a space with 7 verifiers needs 5, in the logs of 3', () => {
    const story = new ViewStory({ verifiers: [0, 1, 2, 3, 4, 5, 6].map(identity) })
    const said = story.say(0, fact(1))
    for (const n of [1, 2, 3]) story.certify(n, [1, 2, 3, 4], said)
    expect(story.status(said)).toBe('proposed')
    for (const n of [1, 2]) story.certify(n, [1, 2, 3, 4, 5], said)
    expect(story.status(said)).toBe('proposed')
    story.certify(6, [1, 2, 3, 4, 6], said)
    expect(story.status(said)).toBe('final')
  })

  it('needs voters of as many domains as the policy says', () => {
    const story = new ViewStory({ domains: 2, operator: n => (n < 3 ? 'one' : 'other') })
    const said = story.say(0, fact(1))
    for (const n of [1, 2]) story.certify(n, [0, 1, 2], said)
    expect(story.status(said)).toBe('proposed')
    for (const n of [1, 2]) story.certify(n, [0, 1, 3], said)
    expect(story.status(said)).toBe('final')
  })

  it('counts no vote where signatures can not be checked', () => {
    const story = new ViewStory()
    const said = story.say(0, fact(1))
    for (const n of [2, 3]) story.certify(n, [1, 2, 3], said)
    const unchecked = new Records()
    unchecked.reset(story.held.records())
    expect(status(unchecked, story.genesis, said.id)).toBe('proposed')
  })
})

describe('a slot', () => {
  const slot = functionalSlot('sky', 'colour')

  it('has one winner; who says otherwise is superseded, who says the same is not', () => {
    const story = new ViewStory()
    const [blue, same, red] = [
      story.say(0, fact('blue', { slot })),
      story.say(1, fact('blue', { slot })),
      story.say(2, fact('red', { slot })),
    ]
    for (const n of [0, 1]) story.certify(n, [0, 1, 3], blue, slot)
    expect([blue, same, red].map(record => story.status(record))).toEqual(['final', 'proposed', 'superseded'])
    expect(conflicts(story.records, story.genesis)[0]?.state).toBe('settled')
    const later = story.say(3, fact('green', { slot }))
    expect(story.status(later), 'whenever it comes').toBe('superseded')
  })

  it('goes to the highest certified version', () => {
    const story = new ViewStory()
    const [blue, grey] = [story.say(0, fact('blue', { slot })), story.say(0, fact('grey', { slot, ver: 1 }))]
    const held = () => elections(story.records, story.genesis)
    expect([held().isOpen(slot, 0), held().isOpen(slot, 1)]).toEqual([true, false])
    for (const n of [1, 2]) story.certify(n, [0, 1, 2], blue, slot, 0)
    expect([held().isOpen(slot, 1), held().isOpen(slot, 2)]).toEqual([true, false])
    expect([story.status(blue), story.status(grey)]).toEqual(['final', 'superseded'])
    for (const n of [1, 2]) story.certify(n, [1, 2, 3], grey, slot, 1)
    expect([story.status(blue), story.status(grey)]).toEqual(['superseded', 'final'])
    expect(held().winner(slot)).toEqual({ slot, ver: 1, of: grey.id })
  })

  it('is stuck when no candidate can get Q, even if f voters vote twice', () => {
    const story = new ViewStory()
    const facts = [0, 1, 2, 3].map(n => story.say(n, fact(n, { slot })))
    const stuck = () => elections(story.records, story.genesis).isStuck(slot, 0)
    story.vote(0, facts[0] as never, slot)
    story.vote(1, facts[1] as never, slot)
    story.vote(2, facts[2] as never, slot)
    expect(stuck(), '1 + 1 to come + 1 liar').toBe(false)
    story.vote(3, facts[3] as never, slot)
    expect(stuck()).toBe(true)
    const split = new ViewStory()
    const [a, b] = [split.say(0, fact(1, { slot })), split.say(1, fact(2, { slot }))]
    for (const n of [0, 1]) split.vote(n, a, slot)
    for (const n of [2, 3]) split.vote(n, b, slot)
    expect(elections(split.records, split.genesis).isStuck(slot, 0), '2 + 1 liar').toBe(false)
  })

  it('belongs to syntheses by their question; a fact can not claim one that belongs to a record', () => {
    const story = new ViewStory()
    const asked = story.say(0, { k: 'broadcast', query: 'q' })
    const conclude = (n: number) =>
      story.say(n, { k: 'synthesis', for: asked.id, content: `${n}`, claims: [], agent: 'a' })
    const [one, two] = [conclude(1), conclude(2)]
    const intruder = story.say(3, fact(1, { slot: asked.id }))
    for (const n of [0, 1]) story.certify(n, [0, 1, 3], one, asked.id)
    expect([one, two, intruder].map(record => story.status(record))).toEqual(['final', 'superseded', 'proposed'])
  })

  it('of a conflict decides among what it names, also when it is taken back', () => {
    const story = new ViewStory()
    const [a, b, c] = [story.say(0, fact(1)), story.say(1, fact(2)), story.say(1, fact(3))]
    const conflict = story.say(3, { k: 'conflict', a: [a.id, b.id] })
    for (const n of [0, 1]) story.certify(n, [0, 2, 3], c, conflict.id)
    expect(
      [a, b, c].map(record => story.status(record)),
      'no candidate',
    ).toEqual(['proposed', 'proposed', 'proposed'])
    const second = story.say(3, { k: 'conflict', a: [a.id, b.id] })
    for (const n of [0, 1]) story.certify(n, [0, 2, 3], a, second.id)
    expect([a, b].map(record => story.status(record))).toEqual(['final', 'superseded'])
    story.say(3, { k: 'retract', of: second.id })
    expect([a, b].map(record => story.status(record))).toEqual(['final', 'superseded'])
  })
})

it('elections count on as records come, and anew after a fork', () => {
  const story = new ViewStory()
  const said = story.say(0, fact(1))
  for (const n of [1, 2, 3]) {
    story.vote(n, said)
    elections(story.records, story.genesis)
  }
  expect(elections(story.records, story.genesis).votes(said.id, 0).get(said.id)?.size).toBe(3)
  const other = ledger(genesisBytes(), identity(3), () => 1_600_000_000_000)
  const draft = other.prepare(0, [new TextEncoder().encode('{"k":"gap","q":"q","text":"t"}')])
  story.held.ingest(draft.finish(identity(3).sign(draft.hash) as Uint8Array))
  expect(story.held.takeChanges().reset).toBe(true)
  story.records.reset(story.held.records())
  expect(elections(story.records, story.genesis).votes(said.id, 0).get(said.id)?.size, 'the liar’s is gone').toBe(2)
  expect(story.held.id).toBe(spaceIdOf(genesisBytes()))
})
