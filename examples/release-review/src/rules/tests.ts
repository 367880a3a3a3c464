/** What the tests are worth: which run, which are switched off, what they reach, whether CI runs them. */

import { posix } from 'node:path'
import type { Finding, Rule } from '../findings.ts'
import { importsOf, lineAt, reachable } from '../imports.ts'
import { type CodeFile, codeFiles, codeLines, filesIn, type Language } from '../language.ts'
import { manifestsOf } from '../manifest.ts'
import { oncePerRepository, type Repository } from '../repository.ts'
import { many } from '../wording.ts'

/** Below this share of test lines to source lines tests are called thin; small projects are left alone. */
const THIN = { ratio: 0.1, sourceLines: 500 }
/** Sources with fewer lines of code have hardly anything to test. */
const WORTH_TESTING = 5

const measured: Rule = {
  id: 'tests.measured',
  severity: 'info',
  doc: 'Lines of code in test files and in source files.',
  derive(repo) {
    const value = { tests: count(repo, 'test'), sources: count(repo, 'source') }
    const text = `${many(value.tests, 'line')} in test files, ${many(value.sources, 'line')} in source files`
    const first = testFiles(repo)[0]
    return [{ subject: 'tests', value, text, source: first ? { file: first.path, line: 1 } : { commit: repo.head } }]
  },
}

const FOCUSED: Partial<Record<Language, RegExp>> = {
  javascript: /(?<![\w.])(?:(?:it|test|describe|context|suite)(?:\.\w+)*\.only|fit|fdescribe)\s*\(/g,
}

const SKIPPED: Record<Language, RegExp> = {
  javascript: /(?<![\w.])(?:(?:it|test|describe|context|suite)\.(?:skip|todo)|xit|xdescribe|xtest)\s*\(/g,
  python: /^[ \t]*@(?:pytest\.mark\.skip|unittest\.skip|skip)(?![\w.])/gm,
  go: /^\tt\.Skip(?:f|Now)?\(/gm, // deeper ones stand under a condition
  rust: /^[ \t]*#\[ignore\b/gm,
}

const focused: Rule = {
  id: 'tests.focused',
  severity: 'blocker',
  doc: 'A test that makes its runner leave out all others: `.only`, `fit`.',
  derive: (repo, file) =>
    marks(repo, FOCUSED, file, (path, mark) => `${path} focuses one test, runners leave out the others: “${mark}”`),
}

const skipped: Rule = {
  id: 'tests.skipped',
  severity: 'minor',
  doc: 'A test that is always skipped.',
  derive: (repo, file) => marks(repo, SKIPPED, file, (path, mark) => `a test in ${path} never runs: “${mark}”`),
}

const none: Rule = {
  id: 'tests.none',
  severity: 'major',
  doc: 'Sources, and not one test.',
  derive(repo) {
    const sources = filesIn(repo, 'source')
    if (sources.length === 0 || testFiles(repo).length > 0 || sources.some(holdsItsTests)) return []
    const text = `${many(sources.length, 'source file')} and not one test`
    return [{ subject: 'tests', value: { sources: sources.length }, text, source: { commit: repo.head } }]
  },
}

const thin: Rule = {
  id: 'tests.thin',
  severity: 'minor',
  doc: 'Less than one line of test for ten lines of source, in a project of at least 500.',
  derive(repo) {
    const [tests, sources] = [count(repo, 'test'), count(repo, 'source')]
    const [first] = testFiles(repo)
    if (first === undefined || sources < THIN.sourceLines || tests >= THIN.ratio * sources) return []
    if (filesIn(repo, 'source').some(holdsItsTests)) return []
    const text = `${tests} lines of tests for ${sources} lines of source`
    return [{ subject: 'tests', value: { tests, sources }, text, source: { file: first.path, line: 1 } }]
  },
}

const untested: Rule = {
  id: 'tests.untested',
  severity: 'minor',
  doc: 'A source file no test reaches: none imports it, directly or through others, names it, or is named after it.',
  derive(repo) {
    if (testFiles(repo).length === 0) return []
    const reached = reachedByTests(repo)
    return filesIn(repo, 'source')
      .filter(file => !reached.has(file.path) && !holdsItsTests(file) && !isConfiguration(file.path))
      .filter(file => codeLines(file) >= WORTH_TESTING)
      .map(file => ({
        subject: file.path,
        value: { lines: codeLines(file) },
        text: `no test reaches ${file.path} (${many(codeLines(file), 'line')} of code)`,
        source: { file: file.path, line: 1 },
      }))
  },
}

const CI_FOLDER = /^(\.github\/workflows|\.circleci|\.ci|\.buildkite)\//
const CI_FILE = /^(\.gitlab-ci\.yml|\.travis\.yml|\.cirrus\.yml|Jenkinsfile|azure-pipelines\.ya?ml)$/
const isCi = (path: string) => CI_FOLDER.test(path) || CI_FILE.test(path)

const noCi: Rule = {
  id: 'tests.no-ci',
  severity: 'minor',
  doc: 'Tests, and no configuration of a CI service.',
  derive(repo) {
    const [first] = testFiles(repo)
    if (first === undefined || [...repo.paths].some(isCi)) return []
    const text = 'there are tests, but no CI runs them: no configuration of a CI service'
    return [{ subject: 'ci', value: { configurations: 0 }, text, source: { file: first.path, line: 1 } }]
  },
}

const notInCi: Rule = {
  id: 'tests.not-in-ci',
  severity: 'major',
  doc: 'Tests and a CI configuration, and nothing in it mentions tests or a check that could run them.',
  derive(repo) {
    const configurations = [...repo.files.values()].filter(file => isCi(file.path))
    const [first] = configurations
    if (first === undefined || testFiles(repo).length === 0) return []
    const mentions = /\b(tests?|tox|nox|check|coverage|verify|ci|make|hatch|just|bazel|gradle)\b/i
    const commands = configurations.flatMap(file => file.lines.filter(line => !/^\s*(name:|#)/.test(line)))
    if (commands.some(line => mentions.test(line.replace(/\.github\/workflows\S*/, '')))) return []
    const text = `CI is configured in ${many(configurations.length, 'file')}, but none runs the tests`
    return [
      { subject: 'ci', value: { configurations: configurations.length }, text, source: { file: first.path, line: 1 } },
    ]
  },
}

/** Words of an assertion; generous, since a helper of any name may assert. `t`: Go's and tape's hand. */
const ASSERTION = /\b(assert\w*|expect|should|require|check|verify|fail|raises|ok|equal|t)\b|\.assert/

const withoutAssertion: Rule = {
  id: 'tests.without-assertion',
  severity: 'minor',
  doc: 'A file of tests in which nothing is asserted.',
  derive(repo) {
    return testFiles(repo)
      .filter(file => file.language !== 'rust') // its properties assert by what they return, its macros by any name
      .filter(file => !ASSERTION.test(bodyOf(file)))
      .map(file => {
        const tests = [...file.code.matchAll(TEST[file.language])].length
        const text = `${file.path} has ${many(tests, 'test')} and asserts nothing`
        return { subject: file.path, value: { tests }, text, source: { file: file.path, line: 1 } }
      })
  },
}

export const testRules: readonly Rule[] = [
  measured,
  focused,
  skipped,
  none,
  thin,
  untested,
  noCi,
  notInCi,
  withoutAssertion,
]

/** What begins a test. */
const TEST: Record<Language, RegExp> = {
  javascript: /(?<![\w.])(?:it|test|describe|suite|fit|xit|fdescribe)(?:\.\w+)*\s*\(/g,
  python: /^[ \t]*(?:async[ \t]+)?def[ \t]+test\w*/gm,
  go: /^func (?:Test|Fuzz)\w*\(/gm, // an example may be there to be read only
  rust: /#\[(?:\w+::)?test\b/g,
}

/** Files that hold tests; what only supports them (fixtures, set-up) is not among them. */
const testFiles = oncePerRepository((repo: Repository): CodeFile[] =>
  filesIn(repo, 'test').filter(file => file.code.search(TEST[file.language]) >= 0),
)

/** In Rust, unit tests live in the source. */
const holdsItsTests = (file: CodeFile) => file.language === 'rust' && file.code.includes('#[cfg(test)]')

const CONFIGURATION = /(^|\/)((setup|conf|noxfile|tasks|manage|__main__|doc)\.(py|go)|\.[^/]+|[^/]+\.config\.\w+)$/
const isConfiguration = (path: string) => CONFIGURATION.test(path) || /^[\w-]*file\.\w+$/i.test(path)

const count = (repo: Repository, role: CodeFile['role']) =>
  filesIn(repo, role).reduce((sum, file) => sum + codeLines(file), 0)

/** Without the lines that only import or declare: `testing.T` and an imported `assert` assert nothing. */
const bodyOf = (file: CodeFile) =>
  file.code
    .split('\n')
    .filter(line => !/^\s*(import|from|const .*=\s*require|"|func Test)|\brequire\(/.test(line))
    .join('\n')

function marks(
  repo: Repository,
  patterns: Partial<Record<Language, RegExp>>,
  only: string | undefined,
  word: (path: string, mark: string) => string,
): Finding[] {
  return testFiles(repo)
    .filter(file => only === undefined || file.path === only)
    .flatMap(file => {
      const pattern = patterns[file.language]
      return [...(pattern === undefined ? [] : file.code.matchAll(pattern))].map(match => {
        const line = lineAt(file.text, match.index + match[0].search(/\S/))
        const mark = (file.lines[line - 1] ?? '').trim().slice(0, 120)
        return { subject: file.path, value: { mark }, text: word(file.path, mark), source: { file: file.path, line } }
      })
    })
}

/** Files tests load or talk about. */
const reachedByTests = oncePerRepository((repo: Repository): ReadonlySet<string> => {
  const tests = filesIn(repo, 'test')
  const said = new Set(tests.flatMap(file => file.text.match(MENTIONED) ?? []))
  const tested = new Set(tests.map(file => testedBy(file.path)))
  const named = filesIn(repo, 'source').filter(file => isNamed(file.path, said, tested))
  const scripts = manifestsOf(repo).flatMap(manifest =>
    Object.values(manifest.scripts).filter(text => /test/.test(text)),
  )
  const started = [...importsOf(repo).keys()].filter(path => scripts.some(script => script.includes(path)))
  const whole = [...goPackagesWithTests(repo), ...testedCrates(repo)]
  return reachable(repo, [...tests.map(file => file.path), ...named.map(file => file.path), ...started, ...whole])
})

/** A file's name in a text: at the end of a path, or in quotes. */
const MENTIONED = /(?<=[/'"])[^\s/'"`]*[\p{L}\d_]/gu

/** A test is named after it, or a test's text mentions the file, as those that start a program do. */
function isNamed(path: string, said: ReadonlySet<string>, tested: ReadonlySet<string>): boolean {
  const base = posix.basename(path)
  const stem = base.replace(/\.\w+$/, '')
  if (said.has(base)) return true
  if (stem === 'index' || stem === '__init__' || stem === 'main' || stem === 'mod' || stem === 'lib') return false
  return tested.has(stem) || tested.has(stem.replace(/^_+/, ''))
}

/** What a test's name says it tests. */
const testedBy = (path: string) =>
  posix
    .basename(path)
    .replace(/\.\w+$/, '')
    .replace(/^test_|_test$|[.-](test|spec)$/g, '')

const goPackagesWithTests = (repo: Repository): string[] => {
  const folders = new Set(
    testFiles(repo)
      .filter(file => file.language === 'go')
      .map(file => posix.dirname(file.path)),
  )
  return [...codeFiles(repo).keys()].filter(path => path.endsWith('.go') && folders.has(posix.dirname(path)))
}

/** A crate's tests are part of it and may use all of its modules: with any test its root counts as reached. */
const testedCrates = (repo: Repository): string[] => {
  const rust = [...codeFiles(repo).values()].filter(file => file.language === 'rust')
  const tested = rust.some(file => holdsItsTests(file) || file.code.search(TEST.rust) >= 0)
  return tested ? rust.map(file => file.path).filter(path => /(^|\/)src\/(lib|main)\.rs$/.test(path)) : []
}
