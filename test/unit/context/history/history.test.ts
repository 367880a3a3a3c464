/** A space told to people: in order, as of a time, between two times, and why it says what it says. */
import { chronicle, differenceBetween, momentOf, type Reason, reasonsFor } from '@amp-mesh/context/history'
import { peerIdOf } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { identity } from '../../../simulation/space.ts'
import { BEAT_MS, Chapter, START, toldChapter } from './chapter.ts'

const ids = (records: readonly { id: string }[]) => records.map(({ id }) => id)

describe('the chronicle', () => {
  it('tells every record in order of time, also what was taken back', () => {
    const { chapter, question, wrong } = toldChapter()
    const told = chronicle(chapter.records)
    expect(told.map(({ time }) => time)).toEqual(told.map((_, i) => START + (i + 1) * BEAT_MS))
    expect(told[0]?.id).toBe(question.id)
    expect(ids(told)).toContain(wrong.id)
  })

  it('leaves out what nobody asked for: kinds, peers by either end of their id, agents, times', () => {
    const { chapter, hot, wrong, better, synthesis } = toldChapter()
    const { records } = chapter
    expect(ids(chronicle(records, { kinds: new Set(['fact']) }))).toEqual(ids([hot, wrong, better]))
    const peer = peerIdOf(identity(1).publicKey)
    for (const by of [peer, peer.slice(-6), peer.slice(0, 50)])
      expect(ids(chronicle(records, { by, kinds: new Set(['fact']) }))).toEqual(ids([hot, better]))
    expect(ids(chronicle(records, { agent: 'tests', since: synthesis.time }))).toEqual([synthesis.id])
    expect(chronicle(records, { by: 'nobody' })).toEqual([])
  })
})

describe('a moment', () => {
  it('shows the views over what had been said until then', () => {
    const { chapter, hot, wrong, better, synthesis, before, question } = toldChapter()
    const then = momentOf(chapter.records, chapter.genesis, before)
    expect(then.question?.id).toBe(question.id)
    expect(then.facts.map(({ record, status }) => [record.id, status])).toEqual([
      [hot.id, 'verified'],
      [wrong.id, 'proposed'],
    ])
    expect(then.conclusion.synthesis).toBeUndefined()
    const records = chapter.records
    const now = momentOf(records, chapter.genesis, chapter.now)
    expect(ids(now.facts.map(({ record }) => record))).toEqual([better.id])
    expect(now.conclusion.synthesis?.id).toBe(synthesis.id)
    expect(now.records.checkVote, 'votes count as they do now').toBe(records.checkVote)
    expect(now.threads.map(({ record }) => record.id)).toContain(question.id)
  })

  it('is empty before the first word', () => {
    const { chapter } = toldChapter()
    const then = momentOf(chapter.records, chapter.genesis, START)
    expect([then.question, then.facts, then.threads]).toEqual([undefined, [], []])
  })
})

describe('the difference between two times', () => {
  it('is what appeared, what changed its status, what was taken back, and the conclusion', () => {
    const { chapter, hot, wrong, better, synthesis, before, retraction } = toldChapter()
    const difference = differenceBetween(chapter.records, chapter.genesis, chapter.now, before)
    expect([difference.from, difference.to]).toEqual([before, chapter.now])
    expect(ids(difference.appeared)).toEqual(ids([retraction, better, synthesis]))
    expect(ids(difference.takenBack)).toEqual(ids([hot, wrong]))
    expect(difference.changed).toEqual([])
    expect(difference.conclusion?.before).toBeUndefined()
    expect(difference.conclusion?.after?.id).toBe(synthesis.id)
  })

  it('names the records whose status changed, and both', () => {
    const { chapter, hot, support } = toldChapter()
    const difference = differenceBetween(chapter.records, chapter.genesis, support.time - 1, support.time)
    expect(difference.changed.map(({ record, before, after }) => [record.id, before, after])).toEqual([
      [hot.id, 'proposed', 'contested'],
    ])
    expect(difference).not.toHaveProperty('conclusion')
  })
})

describe('reasons', () => {
  const ends = (reason: Reason): Reason[] => (reason.reasons.length === 0 ? [reason] : reason.reasons.flatMap(ends))

  it('lead from the synthesis over what it cites, and what that rests on, to the question', () => {
    const { chapter, question, offers, hot, better, untested, synthesis } = toldChapter()
    const why = reasonsFor(chapter.records, chapter.genesis, synthesis.id) as Reason
    expect(ids(why.reasons.map(({ record }) => record))).toEqual(ids([better, untested]))
    const [first, second] = why.reasons as [Reason, Reason]
    expect(ids(first.reasons.map(({ record }) => record)), 'what it replaces').toEqual([hot.id])
    expect(first.reasons[0]?.reasons[0]?.record.id, 'whose speaker offered').toBe(offers[0].id)
    expect(first.reasons[0]?.reasons[0]?.reasons[0]?.record.id).toBe(question.id)
    expect(second.reasons[0]).toMatchObject({ record: { id: hot.id }, folded: 'seen', reasons: [] })
    for (const end of ends(why)) expect(end.folded === 'seen' || end.record.id === question.id).toBe(true)
    expect(first.reasons[0]?.supports.map(({ by }) => by)).toEqual([identity(2).publicKey, identity(3).publicKey])
  })

  it('name what nobody holds, and know no reasons of an unknown record', () => {
    const { chapter, question } = toldChapter()
    const lost = chapter.say(1, { k: 'proposal', for: question.id, content: 'because', references: ['x'.repeat(32)] })
    expect(reasonsFor(chapter.records, chapter.genesis, lost.id)).toMatchObject({ missing: ['x'.repeat(32)] })
    expect(reasonsFor(chapter.records, chapter.genesis, 'y'.repeat(32))).toBeUndefined()
  })

  it('do not follow a hostile chain for ever', () => {
    const chapter = new Chapter()
    let parent = chapter.say(0, { k: 'broadcast', query: 'deep?' }).id
    for (let i = 0; i < 300; i++) parent = chapter.say(1, { k: 'build_on', parent, content: String(i) }).id
    const [end] = ends(reasonsFor(chapter.records, chapter.genesis, parent) as Reason)
    expect(end?.folded).toBe('deep')
  })
})
