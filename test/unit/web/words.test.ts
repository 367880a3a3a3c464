/** What a person says, as records. */
import { restingOp } from '@amp-mesh/context'
import { RECORDS } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type Act, agentNameOf, opOf } from '../../../packages/web/src/page/session/words.ts'
import { keyOf, Story } from '../agents/story.ts'

const id = 'r'.repeat(32)
const ACTS: Act[] = [
  { do: 'offer', words: ' I know Rome ', confidence: 0.6 },
  { do: 'propose', words: 'Fly' },
  { do: 'build on', parent: id, words: 'at night' },
  { do: 'verify', of: id, words: '' },
  { do: 'dispute', of: id, words: 'It is near' },
]

describe('a person among agents', () => {
  it.each(ACTS)('can $do, as every peer understands it', act => {
    const { k, ...fields } = opOf(act, id, { name: 'mia', can: '' })
    expect(RECORDS[k].safeParse(fields).success).toBe(true)
    expect(fields).toMatchObject({ agent: 'mia' })
  })

  it('has a name that agents can have', () => {
    expect(agentNameOf('  Zoë van der Berg! ')).toBe('zoe-van-der-berg')
    expect(agentNameOf('…')).toBe('')
  })

  it('is not waited for once it rests, and need not rest twice', () => {
    const story = new Story(['ann', 'bob'])
    story.propose('bob', 'Fly')
    const ann = { author: keyOf('ann'), agent: 'ann' }
    expect(restingOp(story.records, story.genesis, ann)).toBeUndefined()
    story.offer('ann', 0.6)
    const op = restingOp(story.records, story.genesis, ann)
    expect(op).toMatchObject({ k: 'settle', agent: 'ann' })
    if (op !== undefined) story.say('ann', op)
    expect(restingOp(story.records, story.genesis, ann)).toBeUndefined()
    story.propose('bob', 'Walk')
    expect(restingOp(story.records, story.genesis, ann)).toBeDefined()
  })
})
