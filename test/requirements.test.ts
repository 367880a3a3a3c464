/** Promises and tests hold each other: what is kept is cited, what is cited exists, what is planned names its issue. */
import { describe, expect, it } from 'vitest'
import { REQUIREMENTS } from './requirements.ts'
import { sourceFiles } from './source-tree.ts'

const ids = new Set(REQUIREMENTS.map(({ id }) => id))
const whole = (id: string) => id.split('.')[0] ?? id

/** Ids in square brackets inside the name of a test or suite, and the files that cite them. */
const citations = new Map<string, string[]>()
for (const file of sourceFiles('test').filter(({ path }) => path.endsWith('.test.ts')))
  for (const [, name = ''] of file.text.matchAll(
    /\b(?:describe|it|test)(?:\.\w+)*(?:\([^'"`\n]*\))?\(\s*['"`]([^\n]*)/g,
  ))
    for (const [, id = ''] of name.matchAll(/\[([GPD]\d+(?:\.[a-z]+)?)\]/g))
      citations.set(id, [...(citations.get(id) ?? []), file.path])

describe('requirements', () => {
  it('have distinct ids, and every part its whole', () => {
    expect(ids.size).toBe(REQUIREMENTS.length)
    expect(REQUIREMENTS.filter(({ id }) => !ids.has(whole(id)))).toEqual([])
  })

  it('no test cites one that does not exist', () => {
    expect([...citations].filter(([id]) => !ids.has(id))).toEqual([])
  })

  it.each(REQUIREMENTS.filter(({ state }) => state === 'kept'))(
    '$id is cited by a test, or all its parts are: $text',
    ({ id }) => {
      const parts = REQUIREMENTS.filter(other => other.id !== id && whole(other.id) === id)
      if (parts.length === 0) expect([...citations.keys()]).toContain(id)
      expect(parts.filter(part => part.state !== 'kept')).toEqual([])
    },
  )

  it('what is only planned says who brings it', () => {
    const planned = REQUIREMENTS.flatMap(({ state }) => (state === 'kept' ? [] : [state.planned]))
    expect(planned.filter(issue => issue.trim() === '')).toEqual([])
  })
})
