/** The workspace as data, for tests about the code itself: packages, source files, what they import. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '..')

export interface Package {
  name: string
  /** Folder, from the root. */
  folder: string
  exports: Readonly<Record<string, string>>
  dependencies: ReadonlySet<string>
  files: SourceFile[]
}

export interface SourceFile {
  /** From the root, with `/`. */
  path: string
  text: string
  /** The text without comments and without what stands inside strings. */
  code: string
  imports: Import[]
}

export interface Import {
  specifier: string
  /** Gone at run time. */
  typeOnly: boolean
  /** `import(…)`: loaded when it is wanted. */
  late: boolean
}

interface Manifest {
  name: string
  workspaces?: string[]
  exports?: Record<string, string>
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

export function workspacePackages(): Package[] {
  return (manifestOf('.').workspaces ?? []).map(folder => {
    const { name, exports = {}, dependencies, peerDependencies } = manifestOf(folder)
    return {
      name,
      folder,
      exports,
      dependencies: new Set(Object.keys({ ...dependencies, ...peerDependencies })),
      files: sourceFiles(`${folder}/src`),
    }
  })
}

/** All TypeScript files below a folder of the root. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name) && !name.includes(`node_modules${sep}`))
    .sort()
    .map(name => sourceFile(join(folder, name)))
}

function sourceFile(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return { path: path.split(sep).join('/'), text, code: blank(text, true), imports: importsOf(blank(text, false)) }
}

/** The file that an import of `file` with `./` or `../` means, from the root. */
export function relativeTarget(file: SourceFile, specifier: string): string {
  return relative(ROOT, resolve(ROOT, dirname(file.path), specifier))
    .split(sep)
    .join('/')
}

/** `@scope/name` or `name` of an import that is not relative. */
export const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest
}

/** Leaves comments out, and on demand the insides of strings and templates. Regular expressions are short and stay. */
function blank(text: string, strings: boolean): string {
  const tokens = /\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
  return text.replace(tokens, token => {
    if (token.startsWith('/')) return ' '
    return strings ? `${token[0]}${token[0]}` : token
  })
}

function importsOf(code: string): Import[] {
  const statements = /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[\w$*\s{},]+?\s+from\s+)?'([^'\n]+)'/g
  const dynamic = /\bimport\(\s*'([^'\n]+)'\s*\)/g
  return [
    ...[...code.matchAll(statements)].map(match => ({
      specifier: match[3] ?? '',
      typeOnly: match[2] !== undefined,
      late: false,
    })),
    ...[...code.matchAll(dynamic)].map(match => ({ specifier: match[1] ?? '', typeOnly: false, late: true })),
  ]
}
