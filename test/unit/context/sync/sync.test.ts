/** The conversation as pure functions: what is asked, what is answered, and how much. */
import { type Message, type Op, spaceIdOf } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { wantAll } from '../../../../packages/context/src/sync/asking.ts'
import {
  announce,
  leave,
  meet,
  onBusy,
  onHeads,
  onVerdict,
  onWant,
  remind,
} from '../../../../packages/context/src/sync/sync.ts'
import type { Outgoing } from '../../../../packages/context/src/sync/sync-message.ts'
import { newSync, type SyncState, withoutTrouble } from '../../../../packages/context/src/sync/sync-state.ts'
import { genesisBytes, identity, ledger, SeededRandom, write } from '../../../simulation/space.ts'

const bytes = genesisBytes()
const [self, neighbour] = [identity(0), identity(1)]
const large: Op = { k: 'msg', in: 'x'.repeat(32), text: 'a'.repeat(8_000) }
const space = spaceIdOf(bytes)
const types = (send: readonly Outgoing[]) => send.map(([, message]) => message.type)

function holding(entries: number) {
  const held = ledger(bytes, self)
  for (let n = 0; n < entries; n++)
    write(
      held,
      self,
      Array.from({ length: 28 }, () => large),
    )
  return held
}
const met = (held: ReturnType<typeof ledger>) => meet(newSync(space), held, neighbour.peerId, 0).state
const wantAllOf = (to: number): Message<'want'> => ({
  type: 'want',
  space,
  ranges: Array.from({ length: 256 }, () => ({ pub: self.publicKey, epoch: 0, from: 0, to })),
})

describe('a want', () => {
  it('is answered up to an allowance that refills, then by one busy', () => {
    const held = holding(8)
    const first = onWant(met(held), held, neighbour.peerId, wantAllOf(7), 0)
    const [log] = [...held.logs()]
    const served = first.send.flatMap(([, what]) => (what.type === 'serve' ? [what] : []))
    const bytes = served.reduce((sum, { from, to }) => sum + (log?.trunk.bytesIn(from, to) ?? 0), 0)
    expect(bytes).toBeGreaterThan(63 * 1024 * 1024)
    expect(bytes).toBeLessThan(65 * 1024 * 1024)
    expect(types(first.send).filter(type => type === 'busy')).toHaveLength(1)
    const second = onWant(first.state, held, neighbour.peerId, wantAllOf(7), 1)
    expect(types(second.send)).toEqual(['busy'])
    const later = onWant(second.state, held, neighbour.peerId, wantAllOf(7), 2_000)
    expect(types(later.send)).toContain('serve')
  })

  it('for what nobody has is not answered', () => {
    const held = holding(1)
    const ranges = [{ pub: neighbour.publicKey, epoch: 0, from: 0, to: 9 }]
    expect(onWant(met(held), held, neighbour.peerId, { type: 'want', space, ranges }, 0).send).toEqual([])
    expect(onWant(met(held), held, 'stranger', wantAllOf(0), 0).send).toEqual([])
  })
})

describe('heads', () => {
  const claim = { pub: neighbour.publicKey, epoch: 0, seq: 4, hash: 'A'.repeat(22) }
  const heads: Message<'heads'> = { type: 'heads', space, heads: [claim], full: true }

  it('are answered by wanting what is missing, once', () => {
    const held = holding(1)
    const first = onHeads(met(held), held, neighbour.peerId, heads, 0)
    const ranges = [{ pub: neighbour.publicKey, epoch: 0, from: 0, to: 4 }]
    expect(first.send).toEqual([[neighbour.peerId, { type: 'want', space, ranges }]])
    expect(onHeads(first.state, held, neighbour.peerId, heads, 100).send).toEqual([])
  })

  it('of a neighbour that said busy wait', () => {
    const held = holding(1)
    const busy = onBusy(met(held), neighbour.peerId, { type: 'busy', space, retryAfterMs: 500 }, 0)
    const told = onHeads(busy, held, neighbour.peerId, heads, 100)
    expect(told.send).toEqual([])
    expect(types(wantAll(told.state, held, 600).send)).toEqual(['want'])
  })

  it('of strangers that nobody admitted are not followed, but for the neighbour’s own', () => {
    const held = holding(1)
    const of = (n: number): Message<'heads'> => ({ ...heads, heads: [{ ...claim, pub: identity(n).publicKey }] })
    expect(onHeads(met(held), held, neighbour.peerId, of(30), 0).send).toEqual([])
    const stranger = identity(30).peerId
    const known = meet(newSync(space), held, stranger, 0).state
    expect(types(onHeads(known, held, stranger, of(30), 0).send)).toEqual(['want'])
  })
})

describe('a crowd that claims what it never gives', () => {
  const author = identity(2)
  const claim = { pub: author.publicKey, epoch: 0, seq: 0, hash: 'A'.repeat(22) }
  const heads: Message<'heads'> = { type: 'heads', space, heads: [claim], full: true }
  const crowd = Array.from({ length: 80 }, (_, n) => identity(100 + n).peerId)
  const wanted = (send: readonly Outgoing[]) => send.flatMap(([peer, { type }]) => (type === 'want' ? [peer] : []))

  it('delays an answer by four tries, whoever of 81 neighbours is the honest one', () => {
    const held = holding(1)
    let state = [...crowd, neighbour.peerId].reduce((next, peer) => meet(next, held, peer, 0).state, newSync(space))
    const asked: string[] = []
    for (const peer of [...crowd, neighbour.peerId]) {
      const step = onHeads(state, held, peer, heads, 0)
      state = step.state
      asked.push(...wanted(step.send))
    }
    expect(asked).toEqual([crowd[0]])
    for (let now = 1_000; now <= 7_000; now += 1_000) {
      const step = wantAll(state, held, now)
      state = step.state
      asked.push(...wanted(step.send))
    }
    expect(asked).toContain(neighbour.peerId)
    expect(new Set(asked).size).toBe(81)
  })

  it('is asked last from then on', () => {
    const held = holding(1)
    const [liar = ''] = crowd
    let state = [liar, neighbour.peerId].reduce((next, peer) => meet(next, held, peer, 0).state, newSync(space))
    state = onHeads(state, held, liar, heads, 0).state
    state = wantAll(state, held, 2_000).state
    const later = { ...heads, heads: [{ ...claim, seq: 1 }] }
    expect(wanted(onHeads(state, held, liar, later, 20_000).send)).toEqual([])
    state = onHeads(state, held, liar, later, 20_000).state
    expect(wanted(onHeads(state, held, neighbour.peerId, later, 20_001).send)).toEqual([neighbour.peerId])
  })

  it('keeps nobody from asking one who helped before, however many of it are asked', () => {
    const held = holding(1)
    const known = crowd.reduce((next, peer) => meet(next, held, peer, 0).state, helpedBy(held, [neighbour.peerId]))
    const claimed = crowd.reduce((next, peer) => onHeads(next, held, peer, heads, 0).state, known)
    const step = onHeads(claimed, held, neighbour.peerId, heads, 1_900)
    expect(wanted(step.send)).toEqual([neighbour.peerId])
    // who is asked late has as long as others to answer
    expect(wanted(wantAll(step.state, held, 2_000).send)).toEqual([])
    expect(wanted(wantAll(step.state, held, 3_900).send)).not.toContain(neighbour.peerId)
  })

  it('keeps nobody from asking one who helped, went, and came back', () => {
    const held = holding(1)
    const [liar = ''] = crowd
    const away = leave(helpedBy(held, [neighbour.peerId]), neighbour.peerId)
    const back = [liar, neighbour.peerId].reduce((next, peer) => meet(next, held, peer, 0).state, away)
    const claimed = onHeads(back, held, liar, heads, 0).state
    expect(wanted(onHeads(claimed, held, neighbour.peerId, heads, 0).send)).toEqual([neighbour.peerId])
  })

  it('gets nobody who answered taken for silent by claiming more than there is', () => {
    const [liar = ''] = crowd
    const [held, theirs] = [holding(1), ledger(genesisBytes(), author)]
    const said = () => held.ingest(write(theirs, author, [large]))
    const claimOf = (seq: number) => ({ ...heads, heads: [{ ...claim, seq }] })
    let state = meet(helpedBy(held, [neighbour.peerId]), held, liar, 0).state
    state = onHeads(state, held, liar, claimOf(1_000_000), 0).state
    state = onHeads(state, held, neighbour.peerId, claimOf(0), 0).state
    state = onVerdict(state, held, neighbour.peerId, said(), 10).state
    state = wantAll(state, held, 5_000).state
    expect(wanted(onHeads(state, held, neighbour.peerId, claimOf(1), 5_000).send)).toEqual([neighbour.peerId])
  })
})

describe('news', () => {
  const [friends, others] = [10, 80].map((count, group) =>
    Array.from({ length: count }, (_, n) => identity(100 * (group + 1) + n).peerId),
  ) as [string[], string[]]

  it('are told to all who helped before within two reminders, and to a few of others, once each', () => {
    const held = holding(1)
    const [log] = [...held.logs()]
    const random = new SeededRandom(1)
    let state = others.reduce((next, peer) => meet(next, held, peer, 0).state, helpedBy(held, friends))
    const told: string[] = []
    const tell = (step: ReturnType<typeof announce>) => {
      state = step.state
      told.push(...step.send.map(([peer]) => peer))
      return step.send.length
    }
    tell(announce(state, held, log === undefined ? [] : [log.id], random))
    expect(told).toHaveLength(8)
    tell(remind(state, held, random))
    tell(remind(state, held, random))
    expect(told).toEqual(expect.arrayContaining(friends))
    expect(told.filter(peer => others.includes(peer)).length).toBeLessThanOrEqual(4)
    expect(new Set(told).size).toBe(told.length)
    expect(tell(remind(state, held, random))).toBe(0)
  })

  it('are not repeated to who came after them: it was told everything', () => {
    const held = holding(1)
    const [log] = [...held.logs()]
    const told = announce(newSync(space), held, log === undefined ? [] : [log.id], new SeededRandom(1)).state
    const late = meet(told, held, neighbour.peerId, 0)
    expect(types(late.send)).toEqual(['heads'])
    const helped = withoutTrouble(late.state, neighbour.peerId, 'x')
    expect(remind(helped, held, new SeededRandom(1)).send).toEqual([])
  })
})

/** Neighbours that have brought something. */
const helpedBy = (held: ReturnType<typeof ledger>, peers: readonly string[]): SyncState =>
  peers.reduce((next, peer) => withoutTrouble(meet(next, held, peer, 0).state, peer, 'x'), newSync(space))
