/**
 * Foreign text made fit for a terminal. What other peers write may hold escape sequences that move the cursor, rename
 * the window or fake a line of ours: none of them gets through, and no text is wider or longer than it has room.
 */

/** Control strings (OSC, DCS, SOS, PM, APC) to their terminator, then CSI and shorter escapes; ECMA-48, 7 and 8 bit. */
const ESCAPES = new RegExp(
  [
    '(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)?',
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    '\\u001b[ -/]*[0-~]',
  ].join('|'),
  'g',
)
/** Several marks on one letter are writing; dozens of them paint over the lines above. */
const PILED_MARKS = /(\p{M}{3})\p{M}+/gu
/** Two columns: emoji, Hangul, CJK and their full-width forms (Unicode UAX 11, the blocks that matter). */
const WIDE = new RegExp(
  '^(?:\\p{Emoji_Presentation}|[\\u1100-\\u115F\\u2E80-\\uA4CF\\uAC00-\\uD7A3\\uF900-\\uFAFF\\uFE30-\\uFE6F]|' +
    '[\\uFF00-\\uFF60\\uFFE0-\\uFFE6\\u{20000}-\\u{3FFFD}])',
  'u',
)

/** One line of plain text: no escapes, controls, bidi or invisible format characters; blanks collapsed. */
export function plainText(text: string): string {
  return text
    .toWellFormed()
    .replace(ESCAPES, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/\p{Cf}/gu, '')
    .replace(PILED_MARKS, '$1')
    .trim()
}

/** Paragraphs of plain text: as `plainText`, keeping the line breaks. Empty lines at the ends fall away. */
export function plainParagraphs(text: string): string[] {
  return text.trim().split(/\r?\n/).map(plainText)
}

/** Columns a terminal needs for plain text: East Asian and emoji characters take two, marks none. */
export function columns(text: string): number {
  let total = 0
  for (const character of text) total += /^\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return total
}

/** Plain text in at most `width` columns, `…` where it was cut. */
export function cut(text: string, width: number): string {
  if (columns(text) <= width) return text
  return `${head(text, width - 1).trimEnd()}…`
}

export const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)))

/** Plain text broken at blanks into lines of at most `width` columns, and no more lines than `maxLines`. */
export function wrap(text: string, width: number, maxLines = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = []
  let line = ''
  let rest = text.split(' ')
  while (rest.length > 0) {
    const [word = '', ...others] = rest
    const longer = line === '' ? word : `${line} ${word}`
    if (columns(longer) <= width) {
      line = longer
      rest = others
    } else if (lines.length + 1 === maxLines) {
      return [...lines, cut(`${line} ${rest.join(' ')}`.trimStart(), width)]
    } else if (line === '') {
      const part = head(word, width)
      lines.push(part)
      rest = [word.slice(part.length), ...others]
    } else {
      lines.push(line)
      line = ''
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

/** As many characters as fit in `width` columns; at least one, so that whoever cuts gets on. */
function head(text: string, width: number): string {
  let taken = ''
  let used = 0
  for (const character of text) {
    used += columns(character)
    if (used > width && taken !== '') break
    taken += character
  }
  return taken
}
