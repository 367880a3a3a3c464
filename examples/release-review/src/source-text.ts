/**
 * Code without its strings and comments, and comments without the code: so that words in the one are
 * not taken for the other.
 */

/** Languages whose code is read. */
export type Language = 'javascript' | 'python' | 'go' | 'rust'

export interface SourceText {
  /** The file with strings' contents and comments blanked; same length, same lines. */
  readonly code: string
  /** The file with everything but comments blanked; same length, same lines. */
  readonly comments: string
}

interface Syntax {
  line: string
  block?: readonly [open: string, close: string]
  /** Longest first. `multiline`: may hold line feeds; `raw`: a backslash means nothing. */
  strings: readonly { quote: string; multiline?: boolean; raw?: boolean }[]
  regexes?: boolean
}

const SLASHES = { line: '//', block: ['/*', '*/'] } as const
const SYNTAX: Record<Language, Syntax> = {
  javascript: {
    ...SLASHES,
    strings: [{ quote: "'" }, { quote: '"' }, { quote: '`', multiline: true }],
    regexes: true,
  },
  python: {
    line: '#',
    strings: [{ quote: '"""', multiline: true }, { quote: "'''", multiline: true }, { quote: '"' }, { quote: "'" }],
  },
  go: { ...SLASHES, strings: [{ quote: '"' }, { quote: "'" }, { quote: '`', multiline: true, raw: true }] },
  // a quote in Rust may be a lifetime, so single quotes are left alone
  rust: { ...SLASHES, strings: [{ quote: '"', multiline: true }] },
}

/** Splits a file. A template literal counts as one string, with the code inside its `${}`. */
export function splitSource(text: string, language: Language): SourceText {
  const syntax = SYNTAX[language]
  const spans = [...findSpans(text, syntax)]
  let code = ''
  let comments = ''
  let at = 0
  for (const span of spans) {
    code += text.slice(at, span.from)
    comments += blank(text.slice(at, span.from))
    const inside = text.slice(span.from, span.to)
    code += span.comment ? blank(inside) : keepEnds(inside, span.quote)
    comments += span.comment ? inside : blank(inside)
    at = span.to
  }
  return { code: code + text.slice(at), comments: comments + blank(text.slice(at)) }
}

interface Span {
  from: number
  to: number
  comment: boolean
  quote: number
}

function* findSpans(text: string, syntax: Syntax): Generator<Span> {
  const begins = [syntax.line, ...(syntax.block?.slice(0, 1) ?? []), ...syntax.strings.map(({ quote }) => quote)]
  const first = new RegExp(`[${begins.map(([char]) => char).join('')}]`, 'g')
  for (let match = first.exec(text); match !== null; match = first.exec(text)) {
    const span = spanAt(text, match.index, syntax)
    if (span === undefined) continue
    yield span
    first.lastIndex = span.to
  }
}

function spanAt(text: string, at: number, syntax: Syntax): Span | undefined {
  if (text.startsWith(syntax.line, at)) return { from: at, to: endOr(text, '\n', at), comment: true, quote: 0 }
  if (syntax.block !== undefined && text.startsWith(syntax.block[0], at)) {
    const close = text.indexOf(syntax.block[1], at + 2)
    return { from: at, to: close < 0 ? text.length : close + 2, comment: true, quote: 0 }
  }
  for (const string of syntax.strings)
    if (text.startsWith(string.quote, at))
      return { from: at, to: stringEnd(text, at, string), comment: false, quote: string.quote.length }
  if (syntax.regexes && text[at] === '/' && regexMayStart(text, at)) {
    const to = regexEnd(text, at)
    if (to !== undefined) return { from: at, to, comment: false, quote: 1 }
  }
  return undefined
}

function stringEnd(text: string, from: number, string: Syntax['strings'][number]): number {
  const { quote } = string
  for (let at = from + quote.length; at < text.length; at++) {
    if (text[at] === '\\' && !string.raw) at++
    else if (text[at] === '\n' && !string.multiline) return at
    else if (quote === '`' && !string.raw && text.startsWith('${', at)) at = placeholderEnd(text, at)
    else if (text.startsWith(quote, at)) return at + quote.length
  }
  return text.length
}

/** The closing brace of a `${…}`, strings inside it skipped. */
function placeholderEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at]
    if (char === '{') depth++
    else if (char === '}' && --depth === 0) return at
    else if (char === "'" || char === '"' || char === '`')
      at = stringEnd(text, at, { quote: char, multiline: char === '`' }) - 1
  }
  return text.length
}

/** A slash begins a regular expression unless something that has a value stands before it. */
function regexMayStart(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 80), at).trimEnd()
  if (before === '' || /[([{,;:=!&|?+\-*%<>~^]$/.test(before) || before.endsWith('}')) return true
  return /(^|[^\w$.])(return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield)$/.test(before)
}

function regexEnd(text: string, from: number): number | undefined {
  let inClass = false
  for (let at = from + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '[') inClass = true
    else if (text[at] === ']') inClass = false
    else if (text[at] === '/' && !inClass) return at + 1
  }
  return undefined
}

const endOr = (text: string, what: string, from: number) => {
  const at = text.indexOf(what, from)
  return at < 0 ? text.length : at
}
const blank = (text: string) =>
  text
    .split('\n')
    .map(line => ' '.repeat(line.length))
    .join('\n')
const keepEnds = (text: string, quote: number) =>
  text.length < 2 * quote ? blank(text) : text.slice(0, quote) + blank(text.slice(quote, -quote)) + text.slice(-quote)
