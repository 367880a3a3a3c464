/** Foreign text in a terminal: no escape gets through, nothing is wider than its room. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columns, cut, pad, plainParagraphs, plainText, wrap } from '../../../../packages/cli/src/render/plain-text.ts'

const ESC = '\u001b'

describe('plainText', () => {
  it.each([
    ['colours', `${ESC}[31mred${ESC}[0m`, 'red'],
    ['moving the cursor up and clearing', `fine${ESC}[2A${ESC}[2K${ESC}[1Gfaked line`, 'finefaked line'],
    ['8-bit CSI', 'a\u009b31mb', 'ab'],
    ['window title', `${ESC}]0;owned\u0007text`, 'text'],
    ['hyperlink', `${ESC}]8;;http://evil${ESC}\\click${ESC}]8;;${ESC}\\`, 'click'],
    ['8-bit OSC', '\u009d0;owned\u009ctext', 'text'],
    ['clipboard (OSC 52) without an end', `${ESC}]52;c;cm0gLXJm`, ''],
    ['device control string', `${ESC}P1$r0m${ESC}\\text`, 'text'],
    ['full reset', `a${ESC}cb`, 'ab'],
    ['character set', `a${ESC}(0b`, 'ab'],
    ['a lonely escape', `a${ESC}`, 'a'],
    ['carriage return and backspace', 'real\rfake\b\b', 'real fake'],
    ['line breaks', 'one\n\ntwo\u2028three', 'one two three'],
    ['bidi override', 'safe\u202egnp.exe', 'safegnp.exe'],
    ['zero width', 'pa\u200bss\ufeff', 'pass'],
    ['piled marks', `a${'\u0301'.repeat(50)}b`, 'a\u0301\u0301\u0301b'],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['honest text', 'Zürich ↳ 日本 ✓', 'Zürich ↳ 日本 ✓'],
  ])('takes out %s', (_what, foreign, plain) => expect(plainText(foreign)).toBe(plain))

  it('leaves no control or format character in any string', () => {
    const nasty = fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(ESC, '\u009b', ']', '[', '31m', '\u0007')),
    )
    fc.assert(
      fc.property(nasty, parts => {
        expect(plainText(parts.join(''))).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      }),
    )
  })

  it('stays fast on a long hostile text', () => {
    const start = performance.now()
    plainText(`${ESC}]`.repeat(50_000) + ESC.repeat(50_000) + '['.repeat(50_000))
    expect(performance.now() - start).toBeLessThan(5_000) // quadratic would take minutes
  })
})

describe('width', () => {
  it('counts wide characters twice and marks not at all', () => {
    expect(columns('日本')).toBe(4)
    expect(columns('e\u0301')).toBe(1)
    expect(pad('日本', 6)).toBe('日本  ')
  })

  it('cuts with an ellipsis', () => {
    expect(cut('hello world', 8)).toBe('hello w…')
    expect(cut('日本語', 4)).toBe('日…')
    expect(cut('short', 8)).toBe('short')
  })

  it('wraps at blanks, breaks what is too long, and cuts the last line', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij'])
    expect(wrap('one two three four five', 7, 2)).toEqual(['one two', 'three…'])
    expect(wrap('', 7)).toEqual([''])
  })

  it('never writes a line wider than its room', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 2, max: 60 }), (text, width) => {
        for (const line of wrap(plainText(text), width)) expect(columns(line)).toBeLessThanOrEqual(width)
      }),
    )
  })

  it('keeps paragraphs apart', () => expect(plainParagraphs(`a${ESC}[31m\r\n\r\nb\n`)).toEqual(['a', '', 'b']))
})
