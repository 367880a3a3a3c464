/** Reasons and records drawn for people: within 80 columns, and nobody's words do more than be read. */
import type { Reason } from '@amp-mesh/context/history'
import { reasonsFor } from '@amp-mesh/context/history'
import type { Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { createPalette } from '../../../../packages/cli/src/render/palette.ts'
import { columns } from '../../../../packages/cli/src/render/plain-text.ts'
import { renderReasons } from '../../../../packages/cli/src/render/reason-tree.ts'
import { renderRecord } from '../../../../packages/cli/src/render/record-line.ts'
import { Chapter, toldChapter } from '../../context/history/chapter.ts'

const style = { width: 80, palette: createPalette(false) }
const tree = (chapter: Chapter, record: Rec) =>
  renderReasons(reasonsFor(chapter.records, chapter.genesis, record.id) as Reason, style)

describe('the tree of reasons', () => {
  it('shows claims, what they rest on, who said it, who verified it, and the question once', () => {
    const { chapter, hot, synthesis, question } = toldChapter()
    const text = tree(chapter, synthesis).join('\n')
    expect(text).toMatch(/^◆ Not yet\.\n/)
    expect(text).toContain('└─ [1] A hot file has no test.')
    expect(text).toMatch(new RegExp(`history \\w+ · ${hot.id.slice(0, 7)} · .* by tests, \\w+`))
    expect(text.match(/asks: Is it ready\?/g)).toHaveLength(1)
    expect(text).toContain(question.id.slice(0, 7))
    expect(text).toContain(`↑ ${hot.id.slice(0, 7)} above`)
  })

  it('stays within its width, however deep and long; and hostile words only say what they say', () => {
    const chapter = new Chapter()
    let parent = chapter.say(0, { k: 'broadcast', query: '\u001b[2Jgone '.repeat(200) }).id
    let last: Rec | undefined
    for (let i = 0; i < 40; i++) {
      last = chapter.say(i % 4, { k: 'build_on', parent, content: `${'漢字 word '.repeat(60)}\u202e` })
      parent = last.id
    }
    const lines = [...tree(chapter, last as Rec), ...renderRecord(last as Rec, style)]
    expect(lines.filter(line => columns(line) > 80)).toEqual([])
    expect(lines.join('')).not.toMatch(/[\u001b\u202e]/)
    expect(lines.length).toBeGreaterThan(80)
  })
})
