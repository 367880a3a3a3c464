import { defineAgent } from '@amp-mesh/agents'
import type { Agent } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'

const sound: Agent = { name: 'travel', capabilities: [{ text: 'book travel' }], contribute: async () => {} }

describe('defineAgent', () => {
  it('hands back a sound agent as it is', () => {
    expect(defineAgent(sound)).toBe(sound)
  })

  it.each<[string, object, string]>([
    ['a name with spaces', { name: 'Travel Agent' }, "an agent's name is 1 to 64 of a-z, 0-9"],
    ['no capability', { capabilities: [] }, 'at least one capability'],
    ['an empty capability', { capabilities: [{ text: ' ' }] }, 'a capability is {text'],
    ['a capability that is a string', { capabilities: ['book'] }, 'a capability is {text'],
    ['too long a capability', { capabilities: [{ text: 'x'.repeat(513) }] }, '1 to 512 characters'],
    ['too many capabilities', { capabilities: Array(65).fill({ text: 'x' }) }, 'at most 64 capabilities, found 65'],
    ['too many examples', { capabilities: [{ text: 'x', examples: Array(9).fill('y') }] }, 'at most 8 examples'],
    ['no contribute', { contribute: undefined }, 'contribute(turn) must be a function'],
    ['a verify that is no function', { verify: true }, 'verify must be a function'],
    ['too long a description', { description: 'x'.repeat(1025) }, 'at most 1024 characters'],
    ['a number for an operator', { operator: 7 }, 'operator is a text'],
  ])('refuses %s and says what is right', (_, change, says) => {
    expect(() => defineAgent({ ...sound, ...change } as Agent)).toThrow(says)
  })
})
