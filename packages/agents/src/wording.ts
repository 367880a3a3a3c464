/** Texts cut to size. */

/** At most `length` UTF-16 units of a text, no character cut in half. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  return text.slice(0, (text.codePointAt(length - 1) ?? 0) > 0xffff ? length - 1 : length)
}
