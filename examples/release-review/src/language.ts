/** What a file is: its language, and whether it is a source, a test, an example or something generated. */
import { oncePerRepository, type Repository, type TextFile } from './repository.ts'
import { type Language, type SourceText, splitSource } from './source-text.ts'

export type { Language }

const LANGUAGE_OF: Record<string, Language> = {
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  ts: 'javascript',
  mts: 'javascript',
  cts: 'javascript',
  tsx: 'javascript',
  py: 'python',
  go: 'go',
  rs: 'rust',
}

const TEST_FOLDER = /(^|\/)(tests?|__tests__|spec|specs|e2e|testing|testdata|fixtures|fuzz|bench|benches|benchmarks?)\//
const TEST_NAME = /(\.(test|spec)\.\w+|_test\.(go|py)|(^|\/)test_\w+\.py|(^|\/)conftest\.py)$/
const ASIDE = /(^|\/)(examples?|docs?|website|demos?|samples?|scripts?|tools?|typings|types|assets|public|static)\//
const GENERATED = /(\.min\.js|\.d\.ts|_pb2\.py|\.pb\.go|\.generated\.\w+|(^|\/)(dist|build|out|generated)\/.*)$/

const languageOf = (path: string): Language | undefined => LANGUAGE_OF[path.slice(path.lastIndexOf('.') + 1)]

/** Tests, and what only tests use. */
export const isTest = (path: string): boolean => TEST_FOLDER.test(path) || TEST_NAME.test(path)

/** Examples, documentation and tools: in the repository, not what is released. */
export const isAside = (path: string): boolean => ASIDE.test(path)

/** A file of code. */
export interface CodeFile extends TextFile, SourceText {
  readonly language: Language
  /** test: a test or something only tests use; source: what is released; aside: examples, scripts, documentation. */
  readonly role: 'source' | 'test' | 'aside'
}

/** All files of code with their strings and comments told apart, generated ones left out. */
export const codeFiles = oncePerRepository((repo: Repository): ReadonlyMap<string, CodeFile> => {
  const found = new Map<string, CodeFile>()
  for (const file of repo.files.values()) {
    const language = languageOf(file.path)
    if (language === undefined || GENERATED.test(file.path) || isGenerated(file)) continue
    const role = isTest(file.path) ? 'test' : isAside(file.path) ? 'aside' : 'source'
    found.set(file.path, { ...file, ...splitSource(file.text, language), language, role })
  }
  return found
})

/** Files in a role, in order of path. */
export const filesIn = (repo: Repository, role: CodeFile['role']): CodeFile[] =>
  [...codeFiles(repo).values()].filter(file => file.role === role)

/** Number of lines that are neither empty nor comment. */
export const codeLines = (file: CodeFile): number => file.code.split('\n').filter(line => line.trim() !== '').length

/** Languages of the sources, most files first. */
export function languagesOf(repo: Repository): Language[] {
  const count = new Map<Language, number>()
  for (const file of codeFiles(repo).values()) count.set(file.language, (count.get(file.language) ?? 0) + 1)
  return [...count].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([language]) => language)
}

/** The mark Go and others put on top of generated files. */
const isGenerated = (file: TextFile) => /code generated .* do not edit|@generated/i.test(file.text.slice(0, 500))
