/**
 * Commands that documents and workflows tell people and machines to run, and whether the repository
 * has what they call.
 */
import { posix } from 'node:path'
import { escaped, manifestsOf } from './manifest.ts'
import type { Repository } from './repository.ts'

export interface Command {
  /** As one would type it: `npm run build`, `make release`, `node scripts/release.js`. */
  readonly text: string
  /** Why it can't work, or undefined. */
  readonly missing: string | undefined
}

const NPM_RUN = /\b(npm|pnpm|yarn) (?:run|run-script) ([\w:.-]+)/g
const NPM_SHORT = /\b(npm|pnpm|yarn) (start|test)(?![\w-])/g
const MAKE = /(?:^|&&|;|`)\s*make ([a-z][\w.-]*)(?![\w.-]*=)/g
const SCRIPT = /\b(node|python3?|bash|sh|deno run|bun) ((?:\.\/)?[\w.-]+(?:\/[\w.-]+)+\.(?:[cm]?[jt]s|py|sh))(?![\w/])/g
const GO_RUN = /\bgo run (\.\/[\w./-]+)/g

/** Commands in one line of a script or a document that are about this repository. */
export function commandsIn(line: string, repo: Repository): Command[] {
  const found: Command[] = []
  const add = (text: string, missing: string | false | undefined) => found.push({ text, missing: missing || undefined })
  for (const [text, , name = ''] of line.matchAll(NPM_RUN)) add(text, npmLacks(repo, name))
  for (const [text, , name = ''] of line.matchAll(NPM_SHORT)) add(text, npmLacks(repo, name))
  for (const [, target = ''] of line.matchAll(MAKE)) add(`make ${target}`, makeLacks(repo, target))
  for (const [text, , path = ''] of line.matchAll(SCRIPT)) add(text, fileLacks(repo, path))
  for (const [text, path = ''] of line.matchAll(GO_RUN)) add(text, folderLacks(repo, path))
  return found
}

/** Without any package.json npm's commands are about somebody else's package. */
function npmLacks(repo: Repository, script: string) {
  const packages = manifestsOf(repo).filter(manifest => manifest.kind === 'npm')
  if (packages.length === 0 || packages.some(manifest => manifest.scripts[script] !== undefined)) return undefined
  if (script === 'start' && repo.paths.has('server.js')) return undefined // npm's own default
  return `no package.json has a script “${script}”`
}

function makeLacks(repo: Repository, target: string) {
  const makefile = ['Makefile', 'makefile', 'GNUmakefile'].map(name => repo.files.get(name)).find(file => file)
  if (makefile === undefined || /^-?include\b/m.test(makefile.text) || /^[\w./-]*%[\w./-]*\s*:/m.test(makefile.text))
    return undefined
  const rule = new RegExp(`^(?:[^\\s:#=]+\\s+)*${escaped(target)}(?:\\s+[^:#=]+)*\\s*:(?!=)`, 'm')
  return rule.test(makefile.text) ? undefined : `${makefile.path} has no target “${target}”`
}

/** Only paths that begin with a folder of this repository are meant to be in it. */
function fileLacks(repo: Repository, written: string) {
  const path = posix.normalize(written)
  const [top = ''] = path.split('/')
  return repo.folders.has(top) && !repo.paths.has(path) && `there is no file ${path}`
}

function folderLacks(repo: Repository, written: string) {
  const path = posix.normalize(written).replace(/\/$/, '')
  return (
    path !== '.' &&
    !path.includes('...') &&
    !repo.folders.has(path) &&
    !repo.paths.has(path) &&
    `there is no folder ${path}`
  )
}
