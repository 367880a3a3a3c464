/**
 * What the code itself shows: cycles, imports of nothing, files too large, what was to be done and
 * what was left behind.
 */

import type { Finding, Rule } from '../findings.ts'
import { type Import, importsOf, lineAt } from '../imports.ts'
import { type CodeFile, codeLines, filesIn, type Language, languagesOf } from '../language.ts'
import type { Repository } from '../repository.ts'
import { many } from '../wording.ts'

/** Lines from which a source file is called large. */
const LARGE = 1_000
/** A file is full of to-dos from this many and this share of its lines on. */
const TODOS = { count: 4, share: 0.01 }

const measured: Rule = {
  id: 'code.measured',
  severity: 'info',
  doc: 'How many source files and lines of code, in which languages, were read.',
  derive(repo) {
    const sources = filesIn(repo, 'source')
    const lines = sources.reduce((sum, file) => sum + codeLines(file), 0)
    const languages = languagesOf(repo)
    const named = languages.length > 0 ? ` (${languages.join(', ')})` : ''
    const text = `read ${many(sources.length, 'source file')}, ${many(lines, 'line')} of code${named}`
    const [first] = sources
    const source = first ? { file: first.path, line: 1 } : { commit: repo.head }
    return [{ subject: 'code', value: { files: sources.length, lines, languages }, text, source }]
  },
}

const importCycle: Rule = {
  id: 'code.import-cycle',
  severity: 'minor',
  doc: 'Source files that import each other in a circle while they load; imports of types count for nothing.',
  derive(repo) {
    return cyclesOf(repo).map(({ files, closing }) => ({
      subject: files[0] ?? '',
      value: { files },
      text: `${files.length} files import each other in a circle: ${shorten(files.join(', '))}`,
      source: { file: closing.from, line: closing.line },
    }))
  },
}

const brokenImport: Rule = {
  id: 'code.broken-import',
  severity: 'blocker',
  doc: 'A source file imports a file of this repository that is not there.',
  derive(repo) {
    return filesIn(repo, 'source').flatMap(file =>
      (importsOf(repo).get(file.path) ?? [])
        .filter(one => one.own && one.to.length === 0 && !mayBeGenerated(one, repo))
        .map(({ specifier, line }) =>
          at(file, line, { specifier }, `${file.path} imports “${specifier}”, which is not in the repository`),
        ),
    )
  },
}

const largeFile: Rule = {
  id: 'code.large-file',
  severity: 'minor',
  doc: 'A source file of 1,000 lines or more.',
  derive(repo) {
    return filesIn(repo, 'source')
      .map(file => ({ file, lines: file.lines.length - (file.text.endsWith('\n') ? 1 : 0) }))
      .filter(({ lines }) => lines >= LARGE)
      .sort((a, b) => b.lines - a.lines)
      .map(({ file, lines }) => at(file, 1, { lines }, `${file.path} has ${lines} lines`))
  },
}

const TODO = /\b(TODO|FIXME|XXX|HACK)\b/g

const todoDensity: Rule = {
  id: 'code.todo-density',
  severity: 'minor',
  doc: 'A source file with at least 4 comments that say TODO, FIXME, XXX or HACK, and one in a hundred lines.',
  derive(repo) {
    return filesIn(repo, 'source').flatMap(file => {
      const places = [...file.comments.matchAll(TODO)]
      const [first] = places
      if (first === undefined || places.length < TODOS.count || places.length < TODOS.share * file.lines.length)
        return []
      const text = `${file.path} has ${many(places.length, 'to-do')} in ${file.lines.length} lines`
      return [at(file, lineAt(file.text, first.index), { todos: places.length }, text)]
    })
  },
}

const beforeRelease: Rule = {
  id: 'code.before-release',
  severity: 'blocker',
  doc: 'A comment that says something must be done, changed or removed before the release.',
  derive: (repo, only) =>
    comments(
      repo,
      /\b(?:TODO|FIXME|XXX|HACK)\b[^\n]*\bbefore (?:the |we |next )*(?:release|releasing|shipping|ship)\b/g,
      only,
      (path, line) => `${path}:${line} leaves something to do before the release`,
    ),
}

const DEBUG: Record<Language, RegExp> = {
  javascript: /^[ \t]*debugger\b/gm,
  python: /^[ \t]*(?:breakpoint\(|(?:i?pdb|pudb)\.set_trace\()/gm,
  go: /(?<![\w.])(?<!func )println\(|\bspew\.Dump\(/g,
  rust: /(?<!\w)dbg!\(/g,
}

const debugLeft: Rule = {
  id: 'code.debug-left',
  severity: 'major',
  doc: 'A debugger statement or debug print of the language left in a source file.',
  derive(repo) {
    return filesIn(repo, 'source').flatMap(file =>
      [...file.code.matchAll(DEBUG[file.language])].map(match => {
        const line = lineAt(file.text, match.index + match[0].search(/\S/))
        const statement = (file.lines[line - 1] ?? '').trim().slice(0, 120)
        return at(file, line, { statement }, `${file.path} still debugs: “${statement}”`)
      }),
    )
  },
}

const mergeMarker: Rule = {
  id: 'code.merge-marker',
  severity: 'blocker',
  doc: 'A merge conflict that was committed unresolved.',
  derive(repo) {
    return [...repo.files.values()].flatMap(file => {
      const from = file.lines.findIndex(line => line.startsWith('<<<<<<< '))
      const to = from < 0 ? -1 : file.lines.findIndex((line, i) => i > from && line.startsWith('>>>>>>> '))
      if (to < 0) return []
      return [
        at(file, from + 1, { until: to + 1 }, `${file.path} holds an unresolved merge, lines ${from + 1} to ${to + 1}`),
      ]
    })
  },
}

const STRAY = /(^|\/)(\.DS_Store|Thumbs\.db|npm-debug\.log|[^/]+\.(pyc|orig|rej|swp|bak|log|tmp)|__pycache__\/.*)$/

const strayFile: Rule = {
  id: 'code.stray-file',
  severity: 'minor',
  doc: 'A file no one meant to commit: editor backups, logs, caches, what the system leaves behind.',
  derive(repo) {
    return [...repo.paths]
      .filter(path => STRAY.test(path) && !/(^|\/)(tests?|fixtures?|testdata)\//.test(path))
      .sort()
      .map(path => ({
        subject: path,
        value: { path },
        text: `${path} was left behind`,
        source: { file: path, line: 1 },
      }))
  },
}

export const codeRules: readonly Rule[] = [
  measured,
  importCycle,
  brokenImport,
  largeFile,
  todoDensity,
  beforeRelease,
  debugLeft,
  mergeMarker,
  strayFile,
]

const shorten = (text: string) => (text.length > 200 ? `${text.slice(0, 199)}…` : text)

function at(file: CodeFile | { path: string }, line: number, value: Finding['value'], text: string): Finding {
  return { subject: file.path, value, text, source: { file: file.path, line } }
}

function comments(
  repo: Repository,
  pattern: RegExp,
  only: string | undefined,
  word: (path: string, line: number) => string,
): Finding[] {
  return filesIn(repo, 'source')
    .filter(file => only === undefined || file.path === only)
    .flatMap(file =>
      [...file.comments.matchAll(pattern)].map(match => {
        const line = lineAt(file.text, match.index)
        return at(file, line, { comment: match[0].trim().slice(0, 200) }, word(file.path, line))
      }),
    )
}

/** What is not tracked may be built: a folder without any tracked file, or what .gitignore speaks of. */
function mayBeGenerated({ from, specifier }: Import, repo: Repository): boolean {
  const parts = specifier.split('/').filter(part => part !== '.' && part !== '..')
  const ignored = repo.files.get('.gitignore')?.text ?? ''
  const name = parts.at(-1)?.replace(/\.\w+$/, '') ?? ''
  if (name !== '' && ignored.includes(name)) return true
  if (/^\.+[\w.]*$/.test(specifier) && from.endsWith('.py')) return /^_?version|_version/.test(name.replace(/^\.+/, ''))
  return (
    parts.length > 1 &&
    parts
      .slice(0, -1)
      .some(
        part =>
          /^(dist|build|out|lib|generated|gen|target|pkg)$/.test(part) &&
          ![...repo.folders].some(folder => folder.endsWith(part)),
      )
  )
}

interface Cycle {
  files: string[]
  /** The import, in its first file, that closes the circle. */
  closing: Import
}

/** Strongly connected components of more than one source file (Tarjan), each sorted, in order of path. */
function cyclesOf(repo: Repository): Cycle[] {
  const sources = new Set(filesIn(repo, 'source').map(file => file.path))
  const edges = (path: string) =>
    (importsOf(repo).get(path) ?? [])
      .filter(one => one.atStart)
      .flatMap(one => one.to.filter(to => sources.has(to) && to !== path))
  const cycles = components([...sources], edges).filter(files => files.length > 1)
  return cycles
    .map(files => files.sort())
    .sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''))
    .flatMap(files => {
      const closing = importsOf(repo)
        .get(files[0] ?? '')
        ?.find(one => one.atStart && one.to.some(to => files.includes(to)))
      return closing === undefined ? [] : [{ files, closing }]
    })
}

/** Tarjan's strongly connected components, without recursion: a chain of imports may be long. */
function components(vertices: readonly string[], edges: (vertex: string) => readonly string[]): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const onStack = new Set<string>()
  const found: string[][] = []
  for (const root of vertices) {
    if (index.has(root)) continue
    const work = [{ vertex: root, rest: visit(root) }]
    while (work.length > 0) {
      const top = work[work.length - 1]
      if (top === undefined) break
      const next = top.rest.pop()
      if (next === undefined) {
        work.pop()
        const above = work.at(-1)
        if (above !== undefined) lower(above.vertex, low.get(top.vertex))
        if (low.get(top.vertex) === index.get(top.vertex)) found.push(take(top.vertex))
      } else if (!index.has(next)) work.push({ vertex: next, rest: visit(next) })
      else if (onStack.has(next)) lower(top.vertex, index.get(next))
    }
  }
  return found

  function visit(vertex: string): string[] {
    index.set(vertex, index.size)
    low.set(vertex, index.size - 1)
    stack.push(vertex)
    onStack.add(vertex)
    return [...edges(vertex)]
  }
  function lower(vertex: string, to = Number.POSITIVE_INFINITY) {
    low.set(vertex, Math.min(low.get(vertex) ?? to, to))
  }
  function take(vertex: string): string[] {
    const component = stack.splice(stack.indexOf(vertex))
    for (const member of component) onStack.delete(member)
    return component
  }
}
