/** The JSON form: field names are promises to programs. */
import { describe, expect, it } from 'vitest'
import { happeningAsJson, jsonLine } from '../../../../packages/cli/src/render/json-line.ts'
import { ASKER, HISTORY, id, KNOWN, SPACE, STORY, TESTS } from '../story.ts'

describe('happeningAsJson', () => {
  const lines = STORY.map(happening => JSON.parse(jsonLine(happeningAsJson(happening))))

  it('gives each record with its id and its own fields', () => {
    expect(lines[1]).toEqual({
      t: 120,
      type: 'capability_match',
      from: HISTORY,
      agent: `amp://${HISTORY}/history`,
      space: SPACE,
      record: { id: id('offer-h'), for: id('question'), confidence: 0.92, offer: 'I read the history.' },
    })
  })

  it('names whom the broadcast went to', () => {
    expect(lines[0]).toMatchObject({
      t: 0,
      type: 'broadcast',
      from: ASKER,
      record: { query: 'Is it ready to release?' },
    })
    expect(lines[0].asked).toHaveLength(2)
  })

  it('ends with the figures', () => {
    expect(lines.at(-1)).toEqual({
      type: 'done',
      peers: 2,
      firstOfferMs: 120,
      concludedMs: 2040,
      records: 9,
      messages: 31,
      bytes: 20_480,
      outcome: 'concluded',
      space: SPACE,
      synthesis: id('synthesis'),
    })
  })
})

describe('an answer from commons', () => {
  it('says so, with whose work', () => {
    const happening = { t: 3, from: ASKER, type: 'done', ...KNOWN } as const
    expect(JSON.parse(jsonLine(happeningAsJson(happening)))).toMatchObject({
      type: 'done',
      outcome: 'concluded',
      synthesis: id('synthesis'),
      commons: {
        solved: id('solved'),
        by: [`amp://${HISTORY}/history`, `amp://${TESTS}/tests`, `amp://${ASKER}/`],
        vouchedBy: [TESTS],
        own: false,
      },
    })
  })
})

describe('jsonLine', () => {
  it('is one line that no terminal can be harmed by, and loses nothing', () => {
    const evil = { text: '\u001b[2J \u009b31m \u202e \u2028 \n \u007f é 日本' }
    const line = jsonLine(evil)
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u)
    expect(JSON.parse(line)).toEqual(evil)
  })
})
