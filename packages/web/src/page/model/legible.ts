/** Foreign text made fit for a page. It is shown as text, never as markup; this keeps it from misleading the eye. */

/** Turns writing around or hides in it: bidi controls, invisible operators, tags. Joiners stay, scripts need them. */
const MISLEADING = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu
/** Several marks on one letter are writing; dozens of them paint over the lines above. */
const PILED_MARKS = /(\p{M}{3})\p{M}+/gu

/** Paragraphs of a text, without controls; what is longer than `length` UTF-16 units ends with `…`. */
export function paragraphs(text: string, length = 8_192): string[] {
  return cut(text, length)
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map(clean)
    .filter(line => line !== '')
}

/** The text in one line. */
export const legible = (text: string, length = 512): string => cut(clean(text), length)

const clean = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(MISLEADING, '')
    .replace(PILED_MARKS, '$1')
    .trim()

function cut(text: string, length: number): string {
  if (text.length <= length) return text
  return `${text
    .slice(0, length - 1)
    .toWellFormed()
    .replace(/\ufffd$/, '')}…`
}
