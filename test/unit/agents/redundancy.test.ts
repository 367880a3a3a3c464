/** What is not said because it is said already: measured with the real built-in embedder. */
import { LexicalEmbedder } from '@amp-mesh/discovery'
import type { Op } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { saidAlready } from '../../../packages/agents/src/redundancy.ts'
import { Story } from './story.ts'

const embedder = new LexicalEmbedder()
const proposal = (story: Story, content: string): Op => ({ k: 'proposal', for: story.question.id, content })

describe('prose', () => {
  it.each([
    ['Take the train to Rome in the morning', 'take  the train to Rome in the morning '],
    ['Take the train to Rome in the morning', 'Take a train to Rome in the morning.'],
    ['We should pin the dependency lodash to an exact version', 'Pin lodash to one exact version'],
  ])('"%s" says "%s" too', async (first, second) => {
    const story = new Story()
    const said = story.propose('ann', first)
    expect(await saidAlready(proposal(story, second), story.records, embedder)).toBe(said)
  })

  it.each([
    ['Take the train to Rome in the morning', 'Fly to Rome at night'],
    ['src/a.ts changed 40 times in 90 days and has no test', 'src/b.ts changed 40 times in 90 days and has no test'],
    ['The file is tested', 'The file is not tested'],
    ['The file is tested', "The file isn't tested"],
    ['Upgrade to version 2', 'Upgrade to version 3'],
    ['parseFrame has no test', 'parseHeader has no test'],
  ])('"%s" leaves room for "%s"', async (first, second) => {
    const story = new Story()
    story.propose('ann', first)
    expect(await saidAlready(proposal(story, second), story.records, embedder)).toBeUndefined()
  })

  it('is compared under the same parent and with what is live', async () => {
    const story = new Story()
    const first = story.propose('ann', 'Fly')
    const second = story.propose('bob', 'Walk')
    const reply: Op = { k: 'build_on', parent: first.id, content: 'at night' }
    story.say('eve', { ...reply, parent: second.id })
    expect(await saidAlready(reply, story.records, embedder)).toBeUndefined()
    expect(await saidAlready(proposal(story, 'Fly'), story.records, embedder)).toBe(first)
    story.say('ann', { k: 'retract', of: first.id })
    expect(await saidAlready(proposal(story, 'Fly'), story.records, embedder)).toBeUndefined()
  })
})

describe('facts', () => {
  it('are the same when subject, predicate, object, words and place are', async () => {
    const story = new Story()
    const fact = story.fact('ann', 'Rome', 'far')
    expect(await saidAlready({ ...fact.op, conf: 0.1 }, story.records, embedder)).toBe(fact)
    expect(await saidAlready({ ...fact.op, text: 'It is near to Rome' }, story.records, embedder)).toBeUndefined()
    expect(await saidAlready({ ...fact.op, src: { file: 'b', line: 2 } }, story.records, embedder)).toBeUndefined()
    expect(await saidAlready({ ...fact.op, o: 'near' }, story.records, embedder)).toBeUndefined()
  })
})
