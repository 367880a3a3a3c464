/** Which file of a repository imports which: the graph behind cycles, untested files and broken imports. */
import { posix } from 'node:path'
import { type CodeFile, codeFiles } from './language.ts'
import { oncePerRepository, type Repository } from './repository.ts'

export interface Import {
  readonly from: string
  readonly line: number
  /** As written. */
  readonly specifier: string
  /** Files of the repository it loads; empty: a foreign package, or nothing that is there. */
  readonly to: readonly string[]
  /** True when it must be a file of this repository: relative, or inside the Go module. */
  readonly own: boolean
  /** False for imports of types and those made only when a function runs: they close no cycle. */
  readonly atStart: boolean
}

/** All imports of all files of code, by importing file. */
export const importsOf = oncePerRepository((repo: Repository): ReadonlyMap<string, readonly Import[]> => {
  const graph = new Map<string, readonly Import[]>()
  for (const file of codeFiles(repo).values()) graph.set(file.path, READERS[file.language](file, repo))
  return graph
})

/** Files reachable from `starts` over imports, the starts included. */
export function reachable(repo: Repository, starts: Iterable<string>): Set<string> {
  const seen = new Set(starts)
  for (const file of seen) for (const edge of importsOf(repo).get(file) ?? []) for (const to of edge.to) seen.add(to)
  return seen
}

type Reader = (file: CodeFile, repo: Repository) => Import[]

const READERS: Record<CodeFile['language'], Reader> = {
  javascript: readJavaScript,
  python: readPython,
  go: readGo,
  rust: readRust,
}

/** Matches are looked for in the code without strings; the specifier is then read from the text at the same place. */
const JS_IMPORT =
  /(?:^|[\s;})])(?:import|export)\b(?<clause>[^'"`;()]*?)(?<q>['"])|\b(?:require|import)\s*\(\s*(?<c>['"])/g

function readJavaScript(file: CodeFile, repo: Repository): Import[] {
  const found: Import[] = []
  for (const match of file.code.matchAll(JS_IMPORT)) {
    const { clause, q } = match.groups ?? {}
    if (q !== undefined && clause !== undefined && !/^\s*$|\bfrom\s*$/.test(clause)) continue
    const start = match.index + match[0].length
    const specifier = /^[^'"\n]*/.exec(file.text.slice(start))?.[0] ?? ''
    const own = specifier.startsWith('./') || specifier.startsWith('../') || specifier === '.' || specifier === '..'
    const target = own
      ? resolveJavaScript(repo, posix.join(posix.dirname(file.path), specifier))
      : workspaceEntry(repo, specifier)
    const atStart = q !== undefined ? !/^\s*type\b/.test(clause ?? '') : isTopLevelRequire(file, match.index)
    found.push({ from: file.path, line: lineAt(file.text, start), specifier, to: target ? [target] : [], own, atStart })
  }
  return found
}

/** A `require` at the beginning of a line's statement, not one deep inside a function. */
function isTopLevelRequire(file: CodeFile, at: number): boolean {
  const line = file.code.slice(file.code.lastIndexOf('\n', at) + 1, at)
  return !/^\s/.test(line) && !/\bimport\s*$/.test(line)
}

const JS_ENDINGS = ['', '.js', '.ts', '.mjs', '.cjs', '.jsx', '.tsx', '.mts', '.cts', '.json', '.node', '.d.ts']

function resolveJavaScript(repo: Repository, path: string): string | undefined {
  const typed = path.replace(/\.([mc]?)js(x?)$/, '.$1ts$2') // TypeScript writes the name of what it compiles to
  const names = [path, typed].flatMap(name => JS_ENDINGS.map(ending => name + ending))
  const found = names.find(name => repo.paths.has(name))
  if (found !== undefined) return found
  return JS_ENDINGS.map(ending => posix.join(path, `index${ending}`)).find(name => repo.paths.has(name))
}

/** Another package of the same repository, imported by its name. */
function workspaceEntry(repo: Repository, specifier: string): string | undefined {
  const [, name, inner] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(specifier) ?? []
  const folder = name === undefined ? undefined : workspaces(repo).get(name)
  if (folder === undefined) return undefined
  const tried = inner ? [inner, `src/${inner}`, `src/${inner}/index`] : ['src/index', 'index', 'lib/index', 'src/main']
  return tried.map(entry => resolveJavaScript(repo, posix.join(folder, entry))).find(found => found !== undefined)
}

const workspaces = oncePerRepository((repo: Repository): ReadonlyMap<string, string> => {
  const folders = new Map<string, string>()
  for (const [path, file] of repo.files) {
    if (posix.basename(path) !== 'package.json') continue
    const name = /^\s*"name"\s*:\s*"([^"]+)"/m.exec(file.text)?.[1]
    if (name !== undefined) folders.set(name, posix.dirname(path))
  }
  return folders
})

const PYTHON_FROM = String.raw`from[ \t]+(?<from>[.\w]+)[ \t]+import[ \t]+(?<names>\([^)]*\)|[^\n]*)`
const PYTHON_IMPORT = new RegExp(String.raw`^(?<indent>[ \t]*)(?:${PYTHON_FROM}|import[ \t]+(?<plain>[^\n]+))`, 'gm')

function readPython(file: CodeFile, repo: Repository): Import[] {
  const found: Import[] = []
  for (const match of file.code.matchAll(PYTHON_IMPORT)) {
    const { indent, from, names, plain } = match.groups ?? {}
    const base = {
      from: file.path,
      line: lineAt(file.text, match.index + (indent?.length ?? 0)),
      atStart: indent === '',
    }
    if (from !== undefined) {
      const own = from.startsWith('.')
      const to = pythonTargets(repo, file.path, from, listNames(names ?? ''))
      found.push({ ...base, specifier: from, to, own })
    } else
      for (const name of listNames(plain ?? ''))
        found.push({ ...base, specifier: name, to: pythonTargets(repo, file.path, name, []), own: false })
  }
  return found
}

const listNames = (names: string) =>
  names
    .replace(/[()\\]/g, ' ')
    .split(',')
    .map(name => name.trim().split(/\s+/)[0] ?? '')
    .filter(name => /^[\w.]+$/.test(name))

/** Files that `from <module> import <names>` loads: modules among the names, else the module itself. */
function pythonTargets(repo: Repository, path: string, module: string, names: readonly string[]): string[] {
  const dots = /^\.*/.exec(module)?.[0].length ?? 0
  const inner = module.slice(dots).split('.').filter(Boolean)
  const folder = posix
    .dirname(path)
    .split('/')
    .filter(part => part !== '.')
  // beside a script stands what it may import; inside a package absolute names start at the root
  const beside = repo.paths.has([...folder, '__init__.py'].join('/')) ? [] : [folder]
  const roots = dots > 0 ? [folder.slice(0, folder.length - dots + 1)] : [[], ['src'], ['lib'], ...beside]
  for (const root of roots) {
    const at = [...root, ...inner].join('/')
    const whole = [`${at}.py`, `${at}/__init__.py`].find(name => repo.paths.has(name))
    const parts = names
      .map(name => [`${at}/${name}.py`, `${at}/${name}/__init__.py`].map(p => p.replace(/^\//, '')))
      .map(options => options.find(option => repo.paths.has(option)))
    const modules = parts.filter(part => part !== undefined)
    const all = parts.length > 0 && modules.length === parts.length
    if (whole !== undefined || modules.length > 0) return whole === undefined || all ? modules : [whole, ...modules]
  }
  return []
}

const GO_IMPORT = /^import\s+(?:\((?<block>[^)]*)\)|(?<one>[^\n]*))/gm

function readGo(file: CodeFile, repo: Repository): Import[] {
  const found: Import[] = []
  const module = goModule(repo)
  for (const match of file.code.matchAll(GO_IMPORT))
    for (const quote of match[0].matchAll(/"[^"\n]*"/g)) {
      const at = match.index + quote.index
      const specifier = file.text.slice(at + 1, at + quote[0].length - 1)
      const own = module !== undefined && (specifier === module || specifier.startsWith(`${module}/`))
      const folder = own ? specifier.slice(module.length + 1) : ''
      const to = own ? goFiles(repo, folder) : []
      found.push({ from: file.path, line: lineAt(file.text, at), specifier, to, own, atStart: true })
    }
  // files of one package see each other without an import
  const neighbours = goFiles(repo, posix.dirname(file.path) === '.' ? '' : posix.dirname(file.path))
  if (file.role === 'test')
    found.push({ from: file.path, line: 1, specifier: '.', to: neighbours, own: true, atStart: false })
  return found
}

const goModule = (repo: Repository) => /^module\s+(\S+)/m.exec(repo.files.get('go.mod')?.text ?? '')?.[1]

const goFiles = (repo: Repository, folder: string): string[] => [...(goPackages(repo).get(folder) ?? [])]

const goPackages = oncePerRepository((repo: Repository) =>
  Map.groupBy(
    [...codeFiles(repo).values()]
      .filter(file => file.language === 'go' && !file.path.endsWith('_test.go'))
      .map(f => f.path),
    path => (path.includes('/') ? posix.dirname(path) : ''),
  ),
)

const RUST_MODULE = /^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;/gm

/** Rust: `mod name;` says which files belong to the crate; `use` cycles inside a crate are legal and common. */
function readRust(file: CodeFile, repo: Repository): Import[] {
  const stem = posix.basename(file.path, '.rs')
  const folder = posix.dirname(file.path)
  const inside = ['mod', 'lib', 'main'].includes(stem) ? folder : posix.join(folder, stem)
  return [...file.code.matchAll(RUST_MODULE)].map(match => {
    const name = match[1] ?? ''
    const options = [posix.join(inside, `${name}.rs`), posix.join(inside, name, 'mod.rs')]
    const to = options.filter(option => repo.paths.has(option))
    return {
      from: file.path,
      line: lineAt(file.text, match.index + match[0].search(/\S/)),
      specifier: name,
      to,
      own: true,
      atStart: false,
    }
  })
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}
