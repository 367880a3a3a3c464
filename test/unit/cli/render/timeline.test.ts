/** The flow of a question as text: when, who, what, and what hangs below what. */
import type { Happening } from '@amp-mesh/peer'
import { describe, expect, it } from 'vitest'
import { renderConclusion, renderSynthesis } from '../../../../packages/cli/src/render/conclusion.ts'
import { createPalette } from '../../../../packages/cli/src/render/palette.ts'
import { columns } from '../../../../packages/cli/src/render/plain-text.ts'
import { EMPTY_TIMELINE, renderHappening, type Timeline } from '../../../../packages/cli/src/render/timeline.ts'
import { ANSWER, ASKER, HISTORY, id, KNOWN, STORY, SYNTHESIS, said, TESTS } from '../story.ts'

const plain = { width: 100, palette: createPalette(false) }

function draw(story: readonly Happening[], style = plain): { lines: string[]; timeline: Timeline } {
  let timeline = EMPTY_TIMELINE
  const lines = story.flatMap(happening => {
    const drawn = renderHappening(timeline, happening, style)
    timeline = drawn.state
    return drawn.lines
  })
  return { lines, timeline }
}

/** A line without time, name and id, keeping the indentation. */
const text = (line: string | undefined) => line?.slice(33)

describe('renderHappening', () => {
  it('tells of a further wave, and of a question that goes to everybody', () => {
    const wave = { t: 1_000, from: ASKER, type: 'wave', space: 'space' } as const
    const { lines } = draw([
      { ...wave, peers: [HISTORY, TESTS], everybody: false },
      { ...wave, peers: [], everybody: true },
    ])
    expect(lines.map(line => line.trim())).toEqual([
      '· few offers so far: asked 2 more peers',
      '· few offers so far: asked everybody',
    ])
  })

  it('tells the story', () => {
    expect(draw(STORY).lines).toMatchInlineSnapshot(`
      [
        "  +0.00s  peer           CVeH3e  asks: Is it ready to release?",
        "  +0.12s  history        F6PcNM  ▰▰▰▰▰ 0.92 I read the history.",
        "  +0.18s  tests          Hh8wh4  ▰▰▱▱▱ 0.40 I know the tests.",
        "  +0.31s  history        F6PcNM  ● src/pay.ts changed 14 times in 30 days",
        "  +0.40s  tests          Hh8wh4  ▪ src/pay.ts tested-by 0",
        "  +0.52s  tests          Hh8wh4    ↳ builds on history: “src/pay.ts changed 14 times in 30 days”",
        "                                     and no test imports it",
        "  +0.60s  history        F6PcNM    ✓ verifies tests: “src/pay.ts tested-by 0”",
        "  +0.70s  history        F6PcNM      ! has a concern about tests: “and no test imports it”",
        "                                       a release on Friday?",
        "                                 · nothing to add: history, tests",
        "  +2.00s  tests          Hh8wh4  ◆ concludes, resting on 2 records",
      ]
    `)
  })

  it('begins each line with time, agent and the end of its peer id', () => {
    const { lines } = draw(STORY)
    expect(lines[1]).toMatch(new RegExp(`^ {2}\\+0\\.12s {2}history {8}${HISTORY.slice(-6)} {2}`))
  })

  it('indents what builds on something below it, level by level, to a limit', () => {
    const chain = Array.from({ length: 20 }, (_, i) =>
      said(i, HISTORY, 'history', `r${i}`, { k: 'build_on', parent: id(`r${i - 1}`), content: `step ${i}` }),
    )
    const depths = draw(chain).lines.map(line => (text(line) ?? '').search(/\S/) / 2)
    expect(depths).toEqual([0, 1, 2, 3, 4, 5, ...Array(14).fill(6)])
  })

  it('quotes the parent only when another thread spoke in between', () => {
    const { lines } = draw([
      said(1, HISTORY, 'history', 'a', { k: 'proposal', for: id('question'), content: 'first idea' }),
      said(2, TESTS, 'tests', 'b', { k: 'build_on', parent: id('a'), content: 'right below' }),
      said(3, HISTORY, 'history', 'c', { k: 'proposal', for: id('question'), content: 'second idea' }),
      said(4, TESTS, 'tests', 'd', { k: 'build_on', parent: id('a'), content: 'later' }),
    ])
    expect(lines.map(text)).toEqual([
      '● first idea',
      '  ↳ right below',
      '● second idea',
      '  ↳ builds on history: “first idea”',
      '    later',
    ])
  })

  it('tells who has nothing to add in one quiet line before the conclusion, without those who spoke again', () => {
    const settle = (who: string) => said(1, HISTORY, who, `s-${who}`, { k: 'settle', heads: [] })
    const speak = said(2, HISTORY, 'b', 'again', { k: 'proposal', for: id('question'), content: 'one more' })
    const { lines } = draw([settle('a'), settle('b'), settle('a'), speak, settle('c'), ...STORY.slice(-2)])
    expect(lines.map(line => line.trim()).slice(1, -1)).toEqual(['· nothing to add: a, c'])
  })

  it('shows the first support of a record, folds the others, and shows every refutation', () => {
    const verify = (who: string, v: 1 | -1) => said(3, TESTS, who, `v-${who}`, { k: 'verify', of: id('f'), v })
    const { lines } = draw([
      said(1, HISTORY, 'history', 'f', { k: 'fact', s: 'a', p: 'is', o: 1 }),
      ...['a', 'b', 'c', 'b'].map(who => verify(who, 1)),
      verify('d', -1),
    ])
    expect(lines.map(text)).toEqual([
      '▪ a is 1',
      '  ✓ verifies history: “a is 1”',
      '· found the same: b (2), c (1)',
      '  ✗ refutes history: “a is 1”',
    ])
  })

  it('says when a peer falls silent', () => {
    const { lines } = draw([{ t: 900, type: 'suspected', from: ASKER, peer: TESTS }])
    expect(text(lines[0])).toBe(`peer ${TESTS.slice(-6)} does not answer any more`)
  })

  it('shows nothing of the ledger’s own bookkeeping', () => {
    expect(draw([said(1, HISTORY, 'history', 'a', { k: 'ack', heads: [] })]).lines).toEqual([])
  })

  it('lets no escape sequence of a stranger through, in any field', () => {
    const evil = '\u001b[2J\u001b]0;owned\u0007\u202e\nfake line'
    const { lines } = draw([
      said(1, HISTORY, 'history', 'a', { k: 'proposal', for: id('question'), content: evil }),
      said(2, HISTORY, 'history', 'b', { k: 'fact', s: evil, p: evil, o: { [evil]: evil } }),
      said(3, HISTORY, 'history', 'c', { k: 'verify', of: id('a'), v: -1, why: evil }),
      said(4, HISTORY, 'history', 'd', { k: 'conflict', a: [id('a'), id('b')], why: evil }),
    ])
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  it('keeps to the width', () => {
    const long = said(1, HISTORY, 'history', 'a', { k: 'proposal', for: id('question'), content: 'word '.repeat(500) })
    const { lines } = draw([long], { ...plain, width: 80 })
    expect(lines).toHaveLength(3)
    expect(lines.at(-1)).toMatch(/…$/)
    for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(80)
  })

  it('remembers a bounded number of records', () => {
    const many = Array.from({ length: 3000 }, (_, i) =>
      said(i, HISTORY, 'history', `r${i}`, { k: 'proposal', for: id('question'), content: 'x' }),
    )
    expect(draw(many).timeline.shown.size).toBe(2048)
  })

  it('paints the same agent in the same colour, and different agents mostly not', () => {
    const { of } = createPalette(true)
    expect(of('amp://a/x', 'x')).toBe(of('amp://a/x', 'x'))
    const colours = new Set(Array.from({ length: 40 }, (_, i) => of(`agent ${i}`, '')))
    expect(colours.size).toBeGreaterThan(5)
  })
})

describe('renderConclusion', () => {
  const { timeline } = draw(STORY)

  it('shows the synthesis with the records each claim rests on, and the figures', () => {
    expect(renderConclusion(timeline, ANSWER, plain)).toMatchInlineSnapshot(`
      [
        "",
        "┃ Not yet: one risk stands.",
        "┃",
        "┃ [1] A hot file has no test.",
        "┃ [2] It changes weekly.",
        "┃",
        "┃ rests on",
        "┃ [1] history hot_____________________________, tests untested________________________",
        "┃ [2] history hot_____________________________",
        "",
        "2 peers · first offer after 0.12 s · concluded after 2.04 s · 9 records · 31 messages · 20.5 kB",
      ]
    `)
  })

  it('says that the mesh knew it already, since when, by whose work and on whose word', () => {
    const lines = renderConclusion(EMPTY_TIMELINE, KNOWN, plain)
    expect(lines.slice(0, 2)).toEqual(['', '┃ Not yet: one risk stands.'])
    const word = `vouched for by ${TESTS.slice(-6)}`
    expect(lines.slice(-4).join(' ')).toBe(
      ` From commons: nobody was asked. The mesh found this at 1970-01-01 00:00 UTC; ${word}. ` +
        `It rests on the work of history, tests, ${ASKER.slice(-6)}, in space ${'s'.repeat(43)}. --fresh asks anew.`,
    )
    const own = renderConclusion(EMPTY_TIMELINE, { ...KNOWN, commons: { ...KNOWN.commons, own: true } }, plain)
    expect(own.join(' ')).toContain('; you asked it yourself.')
  })

  it('names the id alone of a record it never saw', () => {
    expect(renderConclusion(EMPTY_TIMELINE, ANSWER, plain).join('\n')).toContain(
      `[1] ${id('hot')}, ${id('untested')}\n`,
    )
  })

  it('is as short as what it says where no claim stands', () => {
    const op = { ...SYNTHESIS.op, content: 'Nothing that was said is verified:\n- Rome is far', claims: [] }
    expect(renderSynthesis(EMPTY_TIMELINE, { op }, plain)).toEqual([
      '┃ Nothing that was said is verified:',
      '┃ - Rome is far',
      '',
    ])
  })

  it('does not say a claim twice that the text says already', () => {
    const claims = [
      { text: 'Not yet.', references: [id('hot')] },
      { text: 'A hot file has no test.', references: [id('hot')] },
    ]
    const op = { ...SYNTHESIS.op, content: 'Not yet.\n[2] A hot file has no test.\nBe careful [2].', claims }
    const lines = renderSynthesis(EMPTY_TIMELINE, { ...SYNTHESIS, op }, plain)
    expect(lines.slice(0, lines.indexOf('┃ rests on'))).toEqual([
      '┃ Not yet.',
      '┃ Be careful [2].',
      '┃',
      '┃ [2] A hot file has no test.',
      '┃',
    ])
  })

  it.each([
    ['partial', /partial answer/],
    ['no-agents', /Nobody on this mesh/],
    ['cancelled', /Cancelled/],
  ] as const)('says plainly how it ended: %s', (outcome, words) => {
    const { synthesis: _, firstOfferMs: __, ...rest } = ANSWER
    const lines = renderConclusion(EMPTY_TIMELINE, { ...rest, outcome }, plain)
    expect(lines.join('\n')).toMatch(words)
    expect(lines.at(-1)).toContain('no offer')
  })

  it('does not say that nobody could help where somebody offered', () => {
    const { synthesis: _, ...rest } = ANSWER
    const lines = renderConclusion(EMPTY_TIMELINE, { ...rest, outcome: 'no-agents' }, plain)
    expect(lines[1]).toMatch(/^Those who offered to help could not/)
  })
})
