/** What a peer is told about an error: a code it may know, never a note. */
import { AmpError, DecodeError, decodeMessage, wireCodeOf } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { LEDGER_CODES, LOCAL_CODES, WIRE_CODES } from '../../../protocol/src/errors.ts'
import { bytesOf, type Input, readVectors } from './vectors.ts'

describe('[G4.errors] what crosses the wire', () => {
  it.each(WIRE_CODES)('%s is told as it is', code => expect(wireCodeOf(new AmpError(code))).toBe(code))
  it.each(LEDGER_CODES)('%s, of the ledger, is told as not-allowed', code =>
    expect(wireCodeOf(new AmpError(code))).toBe('not-allowed'),
  )
  it.each(LOCAL_CODES)('%s, of this machine, is told as internal', code =>
    expect(wireCodeOf(new AmpError(code))).toBe('internal'),
  )
  it.each([new Error('the password is 1234'), 'text', undefined, { code: 'busy' }])('%s is told as internal', thrown =>
    expect(wireCodeOf(thrown)).toBe('internal'),
  )

  it('no code stands in two lists', () => {
    const all = [...WIRE_CODES, ...LEDGER_CODES, ...LOCAL_CODES]
    expect(new Set(all).size).toBe(all.length)
  })

  it('the note is no part of the message, nor of what is printed as JSON by mistake of a handler', () => {
    const error = new AmpError('busy', 'try again later', 'queue of 12D3KooW… is full', new Error('inner'))
    expect(error.message).not.toContain('queue')
    expect(`${error}`).not.toContain('queue')
    expect(wireCodeOf(error)).toBe('busy')
  })

  it('no DecodeError says in its message what the bytes were', () => {
    const { reject } = readVectors<{ reject: Input[] }>('messages.json')
    const told = new Set<string>()
    for (const vector of reject)
      try {
        decodeMessage(bytesOf(vector), { maxBytes: 262_144 })
      } catch (error) {
        if (error instanceof DecodeError) told.add(error.message)
      }
    for (const message of told) expect(message).toMatch(/^[A-Za-z0-9 ,:_]+$/)
    expect(told.size).toBeGreaterThan(5)
  })
})
