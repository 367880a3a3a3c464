/**
 * What a repository says about its packages and what they depend on, in the manifests of four
 * languages, with lines.
 */
import { posix } from 'node:path'
import { parse as parseToml, type TomlTable } from 'smol-toml'
import { oncePerRepository, type Repository, type TextFile } from './repository.ts'

export interface Dependency {
  readonly name: string
  /** As written: `^1.2.0`, `==2.1`, `v1.0.0`, '' … */
  readonly spec: string
  readonly line: number
  readonly development: boolean
}

export interface Manifest {
  readonly file: TextFile
  readonly kind: 'npm' | 'python' | 'requirements' | 'go' | 'cargo'
  readonly name?: string
  readonly version?: string
  readonly licence?: string
  /** npm: not to be published. */
  readonly private: boolean
  readonly dependencies: readonly Dependency[]
  /** npm: scripts by name. */
  readonly scripts: Readonly<Record<string, string>>
  /** npm: what `files` publishes; undefined: everything. */
  readonly published?: readonly string[]
}

/** All manifests outside tests and examples, the one at the root first. */
export const manifestsOf = oncePerRepository((repo: Repository): readonly Manifest[] =>
  [...repo.files.values()]
    .filter(
      file =>
        !/(^|\/)(tests?|fixtures?|testdata|examples?|docs?)\//.test(`${posix.dirname(file.path)}/`) || isRoot(file),
    )
    .map(read)
    .filter(manifest => manifest !== undefined)
    .sort((a, b) => Number(isRoot(b.file)) - Number(isRoot(a.file)) || a.file.path.localeCompare(b.file.path)),
)

/** The manifest that carries the version of what is released. */
export const versionedManifest = (repo: Repository): Manifest | undefined =>
  manifestsOf(repo).find(manifest => isRoot(manifest.file) && manifest.version !== undefined)

export const isRoot = (file: TextFile): boolean => !file.path.includes('/')

/** Line of the first match, 1-based; 1 when nothing matches. */
export function lineOf(file: TextFile, pattern: RegExp | string): number {
  const at = file.lines.findIndex(line => (typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line)))
  return at < 0 ? 1 : at + 1
}

export const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

function read(file: TextFile): Manifest | undefined {
  const name = posix.basename(file.path)
  try {
    if (name === 'package.json') return readNpm(file)
    if (name === 'pyproject.toml') return readPyproject(file)
    if (name === 'Cargo.toml') return readCargo(file)
    if (name === 'go.mod') return readGoMod(file)
    if (/^requirements[\w.-]*\.txt$/.test(name)) return readRequirements(file)
  } catch {
    return undefined // not what its name promises; nothing can be derived from it
  }
  return undefined
}

const record = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record(value)).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
const list = (value: unknown): string[] => (Array.isArray(value) ? value.filter(item => typeof item === 'string') : [])
const optional = <K extends string>(key: K, value: unknown) =>
  (typeof value === 'string' ? { [key]: value } : {}) as { [P in K]?: string }

function readNpm(file: TextFile): Manifest {
  const json = record(JSON.parse(file.text))
  const section = (key: string, development: boolean) => {
    const start = lineOf(file, new RegExp(`^\\s*"${key}"\\s*:`))
    return Object.entries(strings(json[key])).map(([name, spec]) => {
      const at = file.lines.slice(start - 1).findIndex(line => new RegExp(`"${escaped(name)}"\\s*:`).test(line))
      return { name, spec, line: start + Math.max(0, at), development }
    })
  }
  return {
    file,
    kind: 'npm',
    ...optional('name', json.name),
    ...optional('version', json.version),
    ...optional('licence', json.license),
    private: json.private === true,
    dependencies: [
      ...section('dependencies', false),
      ...section('optionalDependencies', false),
      ...section('devDependencies', true),
    ],
    scripts: strings(json.scripts),
    ...(Array.isArray(json.files) && { published: list(json.files) }),
  }
}

/** PEP 508: `name[extra] >= 1 ; marker`, or `name @ url`. */
function requirement(file: TextFile, text: string, development: boolean): Dependency[] {
  const [, name, rest = ''] = /^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(.*)$/.exec(text.split(';')[0] ?? '') ?? []
  if (name === undefined) return []
  return [{ name, spec: rest.trim(), line: lineOf(file, text), development }]
}

function readPyproject(file: TextFile): Manifest {
  const toml: TomlTable = parseToml(file.text)
  const project = record(toml.project)
  const poetry = record(record(toml.tool).poetry)
  const groups = [
    ...Object.values(record(project['optional-dependencies'])),
    ...Object.values(record(toml['dependency-groups'])),
  ]
  const licence = project.license ?? poetry.license
  return {
    file,
    kind: 'python',
    ...optional('name', project.name ?? poetry.name),
    ...optional('version', project.version ?? poetry.version),
    ...optional('licence', typeof licence === 'string' ? licence : (record(licence).text ?? record(licence).file)),
    private: false,
    dependencies: [
      ...list(project.dependencies).flatMap(text => requirement(file, text, false)),
      ...poetryDependencies(file, poetry.dependencies),
      ...groups.flatMap(list).flatMap(text => requirement(file, text, true)),
    ],
    scripts: {},
  }
}

function poetryDependencies(file: TextFile, section: unknown): Dependency[] {
  return Object.entries(record(section))
    .filter(([name]) => name !== 'python')
    .map(([name, value]) => {
      const path = record(value).path
      const spec =
        typeof value === 'string'
          ? value
          : typeof path === 'string'
            ? `file:${path}`
            : String(record(value).version ?? '')
      return { name, spec, line: lineOf(file, new RegExp(`^${escaped(name)}\\s*=`)), development: false }
    })
}

function readRequirements(file: TextFile): Manifest {
  const development = /dev|test|doc|lint/.test(file.path)
  const dependencies = file.lines.flatMap((line, i) => {
    const text = line.replace(/(^|\s)#.*$/, '').trim()
    const local = /^(?:-e|--editable)\s+(\S+)/.exec(text)?.[1]
    if (local !== undefined) return [{ name: posix.basename(local), spec: `file:${local}`, line: i + 1, development }]
    if (text === '' || text.startsWith('-')) return []
    return requirement(file, text, development).map(found => ({ ...found, line: i + 1 }))
  })
  return { file, kind: 'requirements', private: false, dependencies, scripts: {} }
}

function readGoMod(file: TextFile): Manifest {
  const dependencies = file.lines.flatMap((line, i) => {
    const [, name, spec] = /^\s*(?:require\s+)?([\w.-]+\.[\w.-]+\/\S+)\s+(v\S+)/.exec(line) ?? []
    if (name !== undefined && spec !== undefined)
      return [{ name, spec, line: i + 1, development: /\/\/ indirect/.test(line) }]
    const [, replaced, path] = /^\s*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(\.{1,2}\/\S*)/.exec(line) ?? []
    return replaced !== undefined && path !== undefined
      ? [{ name: replaced, spec: `file:${path}`, line: i + 1, development: false }]
      : []
  })
  const name = /^module\s+(\S+)/m.exec(file.text)?.[1]
  return { file, kind: 'go', ...optional('name', name), private: false, dependencies, scripts: {} }
}

function readCargo(file: TextFile): Manifest {
  const toml: TomlTable = parseToml(file.text)
  const crate = record(toml.package)
  const section = (key: string, development: boolean) =>
    Object.entries(record(toml[key])).map(([name, value]) => {
      const { path, version } = record(value)
      const spec = typeof value === 'string' ? value : typeof path === 'string' ? `file:${path}` : String(version ?? '')
      return { name, spec, line: lineOf(file, new RegExp(`^${escaped(name)}\\s*=`)), development }
    })
  return {
    file,
    kind: 'cargo',
    ...optional('name', crate.name),
    ...optional('version', crate.version),
    ...optional('licence', crate.license ?? crate['license-file']),
    private: crate.publish === false,
    dependencies: [...section('dependencies', false), ...section('dev-dependencies', true)],
    scripts: {},
  }
}
