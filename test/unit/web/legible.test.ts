/** Foreign text on the page. */
import { describe, expect, it } from 'vitest'
import { legible, paragraphs } from '../../../packages/web/src/page/model/legible.ts'

describe('foreign text', () => {
  it('keeps its letters, whatever the script, and its emoji', () => {
    const texts = ['Größe', '日本語', 'می‌خواهم', '👩‍🚒', 'नमस्ते', '<b>1 < 2</b>']
    for (const text of texts) expect(legible(text)).toBe(text)
  })

  it('does not turn writing around, hide in it or pile up on it', () => {
    expect(legible('safe\u202Egnp.exe\u2066\u200B')).toBe('safegnp.exe')
    expect(legible('a\u0000b\u001b[31mc')).toBe('a b [31mc')
    expect(legible(`z${'\u0351'.repeat(40)}`)).toHaveLength(4)
    expect(legible('tag\u{e0041}')).toBe('tag')
  })

  it('is cut between characters', () => {
    expect(legible('abcdef', 4)).toBe('abc…')
    expect(legible('ab😀😀', 4)).toBe('ab…')
  })

  it('has paragraphs, without empty ones', () => {
    expect(paragraphs('one\r\n\n two \u2028three')).toEqual(['one', 'two', 'three'])
  })
})
