/** When two questions are the same one: spelling does not matter, words do. */
import {
  commonsGenesis,
  encodeGenesis,
  fromUtf8,
  type Json,
  type MeshFile,
  normalisedProblem,
  type Op,
  problemKey,
  questionKey,
  spaceIdOf,
} from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { readVectors } from './vectors.ts'

const SAME: readonly (readonly [string, string])[] = [
  ['Is this repository ready to release?', '  is this  repository ready to release '],
  ['Is this repository ready to release?', 'Is this repository\tready to\u00a0release?!'],
  ['How far is Rome?', 'Ｈｏｗ ｆａｒ ｉｓ Ｒｏｍｅ？'],
  ['What does “fsync” do?', 'what does "fsync" do.'],
  ['Don’t we need a lock', "don't we need a lock?"],
  ['Is the ﬁle closed?', 'is the file closed?'],
  ['caf\u00e9 near the station?', 'Cafe\u0301 near the station'],
  ['Pages 3–5?', 'pages 3-5'],
  ['Wohin?\n', 'wohin'],
]

const OTHER: readonly (readonly [string, string])[] = [
  ['Is it safe to merge?', 'Is it not safe to merge?'],
  ['Book a flight to Rome', 'Book a flight from Rome'],
  ['Book a flight to Rome', 'Book flights to Rome'],
  ['Upgrade to Node 24?', 'Upgrade to Node 22?'],
  ['Does 1.2.3 fix it?', 'Does 1.2.4 fix it?'],
  ['Which licence does yjs 13 have?', 'Welche Lizenz hat yjs 13?'],
  ['How do I sort in C?', 'How do I sort in C++?'],
  ['Who calls getUser?', 'Who calls getuser?'],
  ['What is 10² + 1?', 'What is 102 + 1?'],
  ['Should US exports be taxed?', 'Should us exports be taxed?'],
  ['What is -5 + 2?', 'What is 5 + 2?'],
  ['How large is 3!', 'How large is 3'],
  ['List the files in ..', 'List the files in .'],
  ['if x:\n  a()\nb()', 'if x:\n  a()\n  b()'],
  ['Does a beat b?', 'Does b beat a?'],
  ['Is 50% enough?', 'Is 50 enough?'],
]

describe('[P6.misses] a problem', () => {
  it.each(SAME)('%j is %j', (a, b) => {
    expect(problemKey(a)).toBe(problemKey(b))
  })

  it.each(OTHER)('%j is not %j', (a, b) => {
    expect(problemKey(a)).not.toBe(problemKey(b))
  })

  it('is another one in another context, whatever the order of its keys', () => {
    expect(problemKey('ready?', { head: 'a', dir: '' })).toBe(problemKey('ready?', { dir: '', head: 'a' }))
    expect(problemKey('ready?', { head: 'a' })).not.toBe(problemKey('ready?', { head: 'b' }))
    expect(problemKey('ready?')).not.toBe(problemKey('ready?', {}))
  })

  it('keeps its form when it is normalised again', () => {
    for (const text of [...SAME, ...OTHER].flat()) {
      const once = normalisedProblem(text)
      expect(normalisedProblem(once)).toBe(once)
    }
  })
})

describe('a question', () => {
  const asked = (more: Partial<Op<'broadcast'>>): Op<'broadcast'> => ({ k: 'broadcast', query: 'Ready?', ...more })

  it('about something whose state nobody said has no key', () => {
    expect(questionKey(asked({ context: { dir: '/a' } }))).toBeUndefined()
    expect(questionKey(asked({}))).toBeDefined()
  })

  it('is the same wherever the thing lies, and another once the thing changed', () => {
    const at = (dir: string, head: string) => questionKey(asked({ context: { dir }, about: { head } }))
    expect(at('/a', '1')).toBe(at('/b', '1'))
    expect(at('/a', '1')).not.toBe(at('/a', '2'))
  })

  it('is another one with another goal or requirement', () => {
    const keys = [asked({}), asked({ goal: 'x' }), asked({ requirements: ['x'] }), asked({ capability: 'x' })]
    expect(new Set(keys.map(questionKey)).size).toBe(keys.length)
    expect(questionKey(asked({ scope: 'all' }))).toBe(questionKey(asked({})))
  })
})

interface Vectors {
  problems: { description: string; problem: string; words: string; context: Json; key: string }[]
  questions: { description: string; question: Op<'broadcast'>; key: string | null }[]
  commons: { description: string; mesh: string; file: MeshFile; json: string; space: string }[]
}

describe('golden vectors', () => {
  const { problems, questions, commons } = readVectors<Vectors>('problems.json')

  it.each(problems)('problem: $description', ({ problem, words, context, key }) => {
    expect(normalisedProblem(problem)).toBe(words)
    expect(problemKey(problem, context)).toBe(key)
  })

  it.each(questions)('question: $description', ({ question, key }) => {
    expect(questionKey(question) ?? null).toBe(key)
  })

  it.each(commons)('commons: $description', ({ mesh, file, json, space }) => {
    const genesis = encodeGenesis(commonsGenesis(mesh, file))
    expect(fromUtf8(genesis)).toBe(json)
    expect(spaceIdOf(genesis)).toBe(space)
  })
})
