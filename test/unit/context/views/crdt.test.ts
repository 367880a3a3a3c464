/**
 * Sets, counters, registers and maps of the graph against the published behaviour of Apache Pekko's distributed data
 * types: the cases of GSetSpec, PNCounterSpec, LWWRegisterSpec, ORSetSpec and ORMapSpec, as numbers. `Merging` two
 * replicas is holding both's records, in any order. Where ours differs on purpose the case says so.
 */
import { assignments, counter, elections, growSet, Records, register, registerSlot } from '@amp-mesh/context'
import type { Json, Op, Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { identity, SeededRandom } from '../../../simulation/space.ts'
import { fact, ViewStory } from './view-story.ts'

/** An index over these records, and one that got them the other way round and twice. */
function merges(...parts: readonly (readonly Rec[])[]): Records[] {
  const there = new Records()
  for (const part of parts) there.add(part)
  const back = new Records()
  for (const part of [...parts].reverse()) back.add([...part].reverse())
  for (const part of parts) back.add(part)
  const shuffled = new Records()
  shuffled.add(new SeededRandom(parts.length).shuffled(parts.flat()))
  return [there, back, shuffled]
}

describe('[G2.types] G-Set (GSetSpec)', () => {
  const [john, sonny, charlie, charles] = ['john', 'sonny', 'charlie', 'charles'] as const
  const adding = (story: ViewStory, n: number, ...users: string[]) => users.map(user => story.say(n, fact(user)))
  const elements = (records: Records) => growSet(records, 's', 'p')

  it('holds what was added', () => {
    const story = new ViewStory()
    adding(story, 0, john, sonny, charles, charlie)
    expect(elements(story.records)).toEqual([charles, charlie, john, sonny])
    expect(growSet(story.records, 's', 'other')).toEqual([])
  })

  it.each([
    ['unique', [john, sonny], [charlie, charles]],
    ['overlapping', [john, sonny, charlie], [sonny, charlie, charles]],
  ])('merges both ways: %s', (_, one, other) => {
    const story = new ViewStory()
    for (const records of merges(adding(story, 0, ...one), adding(story, 1, ...other)))
      expect(elements(records)).toEqual([charles, charlie, john, sonny])
  })

  it('is the same after the same delta twice', () => {
    const story = new ViewStory()
    const delta = adding(story, 0, john, sonny)
    for (const records of merges(delta, delta)) expect(elements(records)).toEqual([john, sonny])
  })

  it('keeps what its author takes back: it was said', () => {
    const story = new ViewStory()
    const [said] = adding(story, 0, john) as [Rec]
    story.say(0, { k: 'retract', of: said.id })
    expect(elements(story.records)).toEqual([john])
  })
})

describe('[G2.types] PN-counter (PNCounterSpec)', () => {
  /** Records of an author that counts step by step: +3, −2 … */
  function counting(story: ViewStory, n: number, ...steps: number[]): Rec[] {
    let [p, down] = [0, 0]
    return steps.map(step => {
      p += Math.max(0, step)
      down += Math.max(0, -step)
      return story.say(n, { k: 'count', name: 'c', p, n: down })
    })
  }
  const totals = (records: Records) => {
    const view = counter(records, 'c')
    const of = (n: number) => view.totals.get(identity(n).publicKey)?.op
    return { up: [of(1)?.p, of(2)?.p], down: [of(1)?.n, of(2)?.n], all: [view.up, view.down, view.value] }
  }

  it.each([
    ['increments by one', [1, 1], [1, 1, 1], { up: [2, 3], down: [0, 0], all: [5, 0, 5] }],
    ['decrements by one', [-1, -1], [-1, -1, -1], { up: [0, 0], down: [2, 3], all: [0, 5, -5] }],
    ['increments by any', [3, 4], [2, 7, 1], { up: [7, 10], down: [0, 0], all: [17, 0, 17] }],
    ['decrements by any', [-3, -4], [-2, -7, -1], { up: [0, 0], down: [7, 10], all: [0, 17, -17] }],
    ['both', [3, -2], [5, -2, 1], { up: [3, 6], down: [2, 2], all: [9, 4, 5] }],
    ['up twice, down elsewhere', [1, 1], [-1], { up: [2, 0], down: [0, 1], all: [2, 1, 1] }],
  ])('%s', (_, one, other, expected) => {
    const story = new ViewStory()
    for (const records of merges(counting(story, 1, ...one), counting(story, 2, ...other)))
      expect(totals(records)).toEqual(expected)
  })

  it('differs: two histories of one node are no merge here but a fork; in one log the later total counts', () => {
    // Pekko merges (9, 4) and (6, 5) of the same two nodes to the maxima (9, 5) = 4
    const story = new ViewStory()
    const first = [...counting(story, 1, 3, -2), ...counting(story, 2, 5, -2, 1)]
    const second = [...counting(story, 1, 2, -3), ...counting(story, 2, 3, -2, 1)]
    for (const records of merges(first)) expect(totals(records).all).toEqual([9, 4, 5])
    for (const records of merges(first, second)) expect(totals(records).all).toEqual([6, 5, 1])
  })

  it('differs: nothing is pruned to another node; each keeps its totals, and alone takes them back', () => {
    const story = new ViewStory()
    counting(story, 1, 1)
    const [last] = counting(story, 2, -1) as [Rec]
    story.say(1, { k: 'retract', of: last.id })
    expect(counter(story.records, 'c').value).toBe(0)
    story.say(2, { k: 'retract', of: last.id })
    expect(counter(story.records, 'c').value).toBe(1)
  })

  it('adds up beyond what a double counts exactly (BigInt in Pekko)', () => {
    const story = new ViewStory()
    const most = Number.MAX_SAFE_INTEGER
    for (const n of [0, 1, 2]) story.say(n, { k: 'count', name: 'c', p: most, n: n === 0 ? 0 : most })
    expect(counter(story.records, 'c').value).toBe(most)
    expect(counter(story.records, 'never counted')).toMatchObject({ value: 0, up: 0, down: 0 })
  })
})

describe('[G2.types] LWW register (LWWRegisterSpec)', () => {
  const name = 'any/colour'
  const set = (story: ViewStory, n: number, v: Json, at = name) => story.say(n, { k: 'reg', name: at, v })
  const valueIn = (story: ViewStory, records: Records, at = name) => register(records, story.genesis, at).value

  it('is the latest of 100 successive assignments, each later than the one before', () => {
    const story = new ViewStory()
    let last = 0
    for (let n = 0; n <= 100; n++) {
      const { time } = set(story, 1, n)
      expect(time).toBeGreaterThan(last)
      expect(valueIn(story, story.records)).toBe(n)
      last = time
    }
  })

  it('merges by the greatest time', () => {
    const story = new ViewStory()
    const [a, b] = [set(story, 1, 'A'), set(story, 2, 'B')]
    expect(a.time).toBeLessThan(b.time)
    for (const records of merges([a], [b])) expect(valueIn(story, records)).toBe('B')
  })

  it('differs: at the same time the greatest log id wins, which nobody chooses, not the least address', () => {
    const story = new ViewStory()
    const [a, b] = [set(story, 1, 'A'), { ...set(story, 2, 'B') }]
    const same = [a, { ...b, time: a.time }]
    const winner = a.log > b.log ? 'A' : 'B'
    for (const records of merges(...same.map(each => [each]))) expect(valueIn(story, records)).toBe(winner)
  })

  it('differs: a time from the future waits at the ledger, so nobody stays the last for ever by his clock', () => {
    const story = new ViewStory()
    set(story, 1, 'now')
    story.wait(3_600_000_000_000)
    const own = set(story, 2, 'in the year 2135')
    expect(story.records.has(own.id)).toBe(false)
    expect(valueIn(story, story.records)).toBe('now')
  })

  it('differs: first write wins is asked of a quorum, and it may be set again by one', () => {
    const story = new ViewStory()
    const at = 'q/leader'
    const [first, second] = [set(story, 1, 'first', at), set(story, 2, 'second', at)]
    expect(valueIn(story, story.records, at)).toBeUndefined()
    const slot = registerSlot(at)
    for (const n of [0, 1]) story.certify(n, [0, 1, 3], first, slot)
    expect(valueIn(story, story.records, at)).toBe('first')
    story.say(1, { k: 'retract', of: first.id })
    expect(valueIn(story, story.records, at), 'a certificate outranks its author').toBe('first')
    for (const n of [0, 1]) story.certify(n, [0, 1, 3], second, slot, 1)
    expect(valueIn(story, story.records, at)).toBe('second')
    expect([...elections(story.records, story.genesis).certified()]).toHaveLength(2)
  })

  it('counts words by the beginning of its name, and shows them all', () => {
    const story = new ViewStory()
    story.say(0, { k: 'admit', pub: identity(9).publicKey })
    const own = `own/${identity(9).publicKey}/mood`
    for (const at of ['any/x', own, 'x']) {
      set(story, 1, 'verifier', at)
      set(story, 9, 'guest', at)
    }
    set(story, 2, 'later', own)
    expect(['any/x', own, 'x'].map(at => valueIn(story, story.records, at))).toEqual(['verifier', 'guest', undefined])
    const { candidates } = register(story.records, story.genesis, own)
    expect(candidates.map(({ op }) => op.v)).toEqual(['later', 'guest', 'verifier'])
  })
})

describe('[G2.types] OR-map of assignments (ORMapSpec, ORSetSpec)', () => {
  const put = (story: ViewStory, n: number, key: string, to: string, until?: number) =>
    story.say(n, { k: 'assign', key, to, ...(until !== undefined && { until }) } as Op<'assign'>)
  const remove = (story: ViewStory, n: number, { id }: Rec) => story.say(n, { k: 'unassign', of: id })
  /** `a: A1, A2` by key, whoever put it. */
  const entries = (records: Records, now = 0) =>
    Object.fromEntries(
      assignments(records, now).map(({ key, entries }) => [key, entries.map(({ op }) => op.to).sort()]),
    )

  it('adds, replaces by a later put of the same author, removes, and adds again', () => {
    const story = new ViewStory()
    put(story, 1, 'a', 'A')
    put(story, 1, 'b', 'B')
    expect(entries(story.records)).toEqual({ a: ['A'], b: ['B'] })
    const replaced = put(story, 1, 'a', 'C')
    expect(entries(story.records)).toEqual({ a: ['C'], b: ['B'] })
    remove(story, 1, replaced)
    expect(entries(story.records), 'what it replaced does not come back').toEqual({ b: ['B'] })
    put(story, 1, 'a', 'C')
    expect(entries(story.records)).toEqual({ a: ['C'], b: ['B'] })
  })

  it('removes and adds several times', () => {
    const story = new ViewStory()
    for (let i = 0; i < 3; i++) {
      const added = put(story, 1, 'user', 'x')
      expect(entries(story.records)).toEqual({ user: ['x'] })
      remove(story, 1, added)
      expect(entries(story.records)).toEqual({})
    }
  })

  it('merges with other, and with overlapping entries', () => {
    const story = new ViewStory()
    const a1 = put(story, 1, 'a', 'A1')
    const one = [a1, put(story, 1, 'b', 'B1'), remove(story, 1, a1), put(story, 1, 'd', 'D1')]
    const b2 = put(story, 2, 'b', 'B2')
    const two = [put(story, 2, 'c', 'C2'), put(story, 2, 'a', 'A2'), b2, remove(story, 2, b2), put(story, 2, 'd', 'D2')]
    for (const records of merges(one, two))
      expect(entries(records)).toEqual({ a: ['A2'], b: ['B1'], c: ['C2'], d: ['D1', 'D2'] })
  })

  it('a remove takes out what it names, not what comes later or beside it (add wins)', () => {
    const story = new ViewStory()
    const first = put(story, 1, 'b', 'B')
    const gone = remove(story, 1, first)
    const again = put(story, 2, 'b', 'B2')
    const own = put(story, 1, 'b', 'B3')
    for (const records of merges([first, again, own], [gone])) expect(entries(records)).toEqual({ b: ['B2', 'B3'] })
    for (const records of merges([first, again], [gone])) expect(entries(records)).toEqual({ b: ['B2'] })
  })

  it('differs: put replaces also where Pekko merges the old value in (remove + put)', () => {
    // Pekko: merging m1 = {b: {B}} with m1 − b + {b: {B2}} gives {B, B2}
    const story = new ViewStory()
    const before = [put(story, 1, 'a', 'A'), put(story, 1, 'b', 'B')]
    const after = [remove(story, 1, before[1] as Rec), put(story, 1, 'b', 'B2')]
    for (const records of merges(before, after)) expect(entries(records)).toEqual({ a: ['A'], b: ['B2'] })
  })

  it('differs: nobody removes what another put; in Pekko a node removes all it has seen', () => {
    // Pekko: node 2 removes user2 and user3 that node 1 added, and they are gone
    const story = new ViewStory()
    const added = ['user1', 'user2', 'user3'].map(key => put(story, 1, key, 'x'))
    const removed = added.slice(1).map(record => remove(story, 2, record))
    for (const records of merges(added, removed))
      expect(entries(records)).toEqual({ user1: ['x'], user2: ['x'], user3: ['x'] })
    story.say(2, { k: 'retract', of: (added[1] as Rec).id })
    expect(Object.keys(entries(story.records))).toHaveLength(3)
  })

  it('mixed adds and removes of two nodes (scenarios 2 and 3)', () => {
    // both add a, node 1 takes a out: Pekko, where it had seen both, {b}; here node 2's stays
    const story = new ViewStory()
    const a1 = put(story, 1, 'a', '1')
    const one = [a1, put(story, 1, 'b', '1')]
    const two = [put(story, 2, 'a', '2')]
    const three = [put(story, 3, 'z', '3'), put(story, 3, 'a', '3')]
    for (const records of merges(one, two, three, [remove(story, 1, a1)]))
      expect(entries(records)).toEqual({ a: ['2', '3'], b: ['1'], z: ['3'] })
  })

  it('goes beyond: entries expire, and one of the authors of a key holds it, the same everywhere', () => {
    const story = new ViewStory()
    const holders = new Set<string>()
    for (let i = 0; i < 12; i++) {
      const made = [0, 1, 2, 3].map(n => put(story, n, `key ${i}`, `${n}`, 1_000))
      for (const records of merges(...made.map(each => [each]))) {
        const [view] = assignments(records, 999)
        expect(view?.entries).toHaveLength(4)
        expect(view?.holder.id).toBe(assignments(story.records, 999).find(({ key }) => key === `key ${i}`)?.holder.id)
        expect(assignments(records, 1_000)).toEqual([])
        holders.add(view?.holder.op.to ?? '')
      }
      const [key] = assignments(story.records, 0).filter(each => each.key === `key ${i}`)
      const holder = key?.holder as Rec<'assign'>
      remove(story, Number(holder.op.to), holder)
      const [next] = assignments(story.records, 0).filter(each => each.key === `key ${i}`)
      expect(next?.holder.id, 'the next in the same order').toBe(key?.entries[1]?.id)
    }
    expect(holders.size).toBeGreaterThan(1)
  })
})
