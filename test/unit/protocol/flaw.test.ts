/** What is wrong with a message or a record, in the words that an agent's author and a log read. */
import { AmpError, decodeJson, flawOfOp, type Op, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'

const id = 'r'.repeat(32)

describe('a flaw', () => {
  it.each<[string, Op]>([
    ['content: Too big: at most 8192 characters', { k: 'concern', parent: id, content: 'x'.repeat(9_000) }],
    ['query: Too small: at least 1 characters', { k: 'broadcast', query: '' }],
    ['a: Too small: at least 2 items', { k: 'conflict', a: [id] }],
    ['confidence: Too big: at most 1', { k: 'capability_match', for: id, offer: 'o', confidence: 2 }],
    ['until: Expected int', { k: 'assign', key: 'k', to: 't', until: 1.5 }],
    ['claims.0.references.0: Does not match /^[A-Za-z0-9_-]{32}$/', synthesis(['the first'])],
  ])('%s', (flaw, op) => {
    expect(flawOfOp(op)).toBe(flaw)
  })

  it('is none where readers understand', () => {
    expect(flawOfOp(synthesis([id]))).toBeUndefined()
  })

  it('is noted with the others of its message, and with the own words of a rule', () => {
    expect(noteOf({ type: 'verify', v: 3, why: 5 })).toBe('v: Expected 1 or -1 or 0; why: Expected string')
    expect(noteOf({ type: 'segment', space: `${'k'.repeat(42)}A`, bytes: '' })).toBe('bytes: 1 to 1048576 bytes')
  })
})

function synthesis(references: string[]): Op {
  return { k: 'synthesis', for: id, content: 'c', claims: [{ text: 't', references }] }
}

function noteOf(message: object): string | undefined {
  try {
    decodeJson(utf8(JSON.stringify(message)), { fill: { id: 'a', time: 1 } })
  } catch (error) {
    if (error instanceof AmpError) return error.note
    throw error
  }
  return undefined
}
