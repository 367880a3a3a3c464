/**
 * What only two agents together can see: a fact of one and a fact of the other that make a risk
 * neither states alone.
 */
import type { Json, Op } from '@amp-mesh/protocol'
import { fileOf, placeOf, type Severity } from './findings.ts'
import { manifestsOf } from './manifest.ts'
import type { Repository } from './repository.ts'
import { compareVersions } from './version.ts'

type Fact = Op<'fact'>

export interface Joint {
  readonly id: string
  /** Predicate of the fact that is built upon; another agent's. */
  readonly other: string
  /** Predicate of the fact of whoever builds. */
  readonly own: string
  readonly severity: Severity
  readonly doc: string
  /** The risk in words, or undefined when these two facts make none. */
  join(other: Fact, own: Fact, repo: Repository): string | undefined
}

const sameSubject = (other: Fact, own: Fact) => other.s === own.s
const sameFile = (other: Fact, own: Fact) => fileOf(other.src) !== undefined && fileOf(other.src) === fileOf(own.src)
const field = (value: Json, key: string): Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value[key] ?? null) : null

export const JOINTS: readonly Joint[] = [
  {
    id: 'hot-untested',
    other: 'history.hot-file',
    own: 'tests.untested',
    severity: 'major',
    doc: 'A file that changes all the time and that no test reaches.',
    join: (other, own) =>
      sameSubject(other, own)
        ? `${own.s} is among the most changed files, and no test would notice a mistake in it`
        : undefined,
  },
  {
    id: 'secret-released',
    other: 'secrets.leaked',
    own: 'history.release',
    severity: 'blocker',
    doc: 'A secret, and whether a release already holds its file.',
    join: (other, own, repo) => {
      const file = fileOf(other.src) ?? ''
      if (repo.release?.tag !== own.s) return undefined
      return repo.release.changedSince.has(file)
        ? `${file} changed since ${own.s}: the next release would carry its secret; revoke it, then take it out`
        : `${file} is the same in ${own.s}: its secret is out since that release; revoke it`
    },
  },
  {
    id: 'secret-packed',
    other: 'secrets.leaked',
    own: 'dependencies.package',
    severity: 'blocker',
    doc: 'A secret in a file that the package publishes.',
    join: (other, own, repo) => {
      const file = fileOf(other.src) ?? ''
      return isPublished(repo, own.s, file)
        ? `${file} is packed into ${own.s}: publishing it publishes the secret`
        : undefined
    },
  },
  {
    id: 'licence-only-named',
    other: 'docs.no-licence',
    own: 'dependencies.package',
    severity: 'major',
    doc: 'A manifest that names a licence whose text is nowhere.',
    join: (_, own) => {
      const licence = field(own.o, 'licence')
      return licence === null
        ? undefined
        : `${own.s} says it is under ${licence}, but ships without that licence’s text`
    },
  },
  {
    id: 'version-mismatch',
    other: 'history.release',
    own: 'docs.changelog-version',
    severity: 'major',
    doc: 'Changelog, manifest and tag do not agree on a version.',
    join: (other, own) => versionMismatch(other, own),
  },
  {
    id: 'script-with-token',
    other: 'dependencies.install-script',
    own: 'workflow-security.broad-permissions',
    severity: 'major',
    doc: 'Code that runs on installation, in a workflow that installs with a token that may write.',
    join: (other, own, repo) => {
      const installs = /\b(npm (ci|i|install)|yarn|pnpm (i|install)|pip3? install|python setup\.py)\b/
      if (!installs.test(repo.files.get(own.s)?.text ?? '')) return undefined
      return `${own.s} installs with a token that may write, and ${other.s} has an install script`
    },
  },
  {
    id: 'unpinned-unfrozen',
    other: 'dependencies.unpinned',
    own: 'workflow-security.unfrozen-install',
    severity: 'major',
    doc: 'A dependency without a bound, and a CI that installs what is newest.',
    join: (other, own, repo) => {
      if (manifestsOf(repo).find(manifest => manifest.file.path === fileOf(other.src))?.kind !== 'npm') return undefined
      if (!/^(npm|yarn)/.test(String(field(own.o, 'command')))) return undefined
      const command = field(own.o, 'command')
      return `CI tests whichever ${other.s} is newest that day (“${command}”), not what users get`
    },
  },
  {
    id: 'focused-in-ci',
    other: 'tests.focused',
    own: 'workflow-security.runs-tests',
    severity: 'blocker',
    doc: 'CI runs the tests, but a focused one leaves the others out: its green proves nothing.',
    join: (other, own) => {
      const command = field(own.o, 'command')
      return `“${command}” in ${own.s} can be green while ${other.s} leaves its other tests out: it proves nothing`
    },
  },
  {
    id: 'skipped-in-ci',
    other: 'tests.skipped',
    own: 'workflow-security.runs-tests',
    severity: 'minor',
    doc: 'CI runs the tests, and a skipped one counts as passed.',
    join: (other, own) => `“${field(own.o, 'command')}” in ${own.s} passes over a test in ${other.s} that never runs`,
  },
  {
    id: 'command-missing-twice',
    other: 'workflow-security.unknown-command',
    own: 'docs.unknown-command',
    severity: 'blocker',
    doc: 'The command the documents tell people to run and CI runs too does not exist.',
    join: (other, own) =>
      field(other.o, 'command') === own.s
        ? `“${own.s}” can be run neither by hand nor by ${other.s}: there is no such command`
        : undefined,
  },
  {
    id: 'moving-action-with-secrets',
    other: 'workflow-security.unpinned-action',
    own: 'secrets.in-workflow',
    severity: 'major',
    doc: 'An action its owner can change, in a workflow that holds secrets.',
    join: (other, own) => {
      const secrets = field(own.o, 'secrets')
      const names = Array.isArray(secrets) ? secrets.join(', ') : ''
      return sameFile(other, own)
        ? `whoever moves the tag of ${field(other.o, 'action')} runs beside ${names} in ${own.s}`
        : undefined
    },
  },
  {
    id: 'large-one-author',
    other: 'history.one-author-file',
    own: 'code.large-file',
    severity: 'minor',
    doc: 'A large file that only one person ever changed.',
    join: (other, own) =>
      sameSubject(other, own)
        ? `${own.s} is large (${field(own.o, 'lines')} lines) and only ${field(other.o, 'author')} knows it`
        : undefined,
  },
  {
    id: 'hot-cycle',
    other: 'history.hot-file',
    own: 'code.import-cycle',
    severity: 'minor',
    doc: 'A file that changes all the time inside a circle of imports.',
    join: (other, own) => {
      const files = field(own.o, 'files')
      if (!Array.isArray(files) || !files.includes(other.s)) return undefined
      return `${other.s} changes often and sits in a circle of ${files.length} files: each change can break all of them`
    },
  },
  {
    id: 'unfinished-untested',
    other: 'tests.untested',
    own: 'code.todo-density',
    severity: 'minor',
    doc: 'A file that says itself it is unfinished, and that no test reaches.',
    join: (other, own) =>
      sameSubject(other, own) ? `${own.s} has ${field(own.o, 'todos')} to-dos and no test reaches it` : undefined,
  },
]

/** The agent that says it: the one whose fact is its own. */
export const builderOf = (joint: Joint): string => joint.own.slice(0, joint.own.indexOf('.'))

/** What a `build_on` says: the risk, and the two places it rests on. */
export const wordsOf = (risk: string, other: Fact, own: Fact): string =>
  `Together: ${risk}. (${[placeOf(other.src), placeOf(own.src)].join(' + ')})`

/** npm publishes what `files` lists, or everything; of the others we can't tell. */
function isPublished(repo: Repository, name: string, file: string): boolean {
  const manifest = manifestsOf(repo).find(one => one.kind === 'npm' && one.name === name)
  if (manifest === undefined || repo.files.has('.npmignore')) return false
  const entries = manifest.published?.map(entry => entry.replace(/^\.?\/|\/?(\*\*?)?(\/\*)?$/g, ''))
  return entries === undefined || entries.some(entry => entry === '' || file === entry || file.startsWith(`${entry}/`))
}

function versionMismatch(other: Fact, own: Fact): string | undefined {
  const changelog = field(own.o, 'version')
  const manifest = field(other.o, 'manifest')
  const tagged = field(other.o, 'version')
  if (typeof changelog !== 'string' || typeof tagged !== 'string') return undefined
  // a development version (1.3.0.dev) stands for the release to come
  const stated = typeof manifest === 'string' ? manifest.replace(/[-.]?(dev|SNAPSHOT|next).*$/, '') : undefined
  if (stated !== undefined && compareVersions(changelog, stated) > 0)
    return `${own.s} announces ${changelog}, but the manifest says ${manifest} and the last tag is ${other.s}`
  if (compareVersions(changelog, tagged) < 0)
    return `${own.s} ends with ${changelog}, but ${other.s} is already released`
  return undefined
}
