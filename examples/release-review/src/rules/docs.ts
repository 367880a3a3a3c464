/** What the documents at the root promise: files they link to, commands they tell to run, versions they announce. */

import { posix } from 'node:path'
import { commandsIn } from '../commands.ts'
import type { Finding, Rule } from '../findings.ts'
import type { Repository, TextFile } from '../repository.ts'
import { versionInHeading } from '../version.ts'
import { many } from '../wording.ts'

const measured: Rule = {
  id: 'docs.measured',
  severity: 'info',
  doc: 'How many documents, local links and commands were checked.',
  derive(repo) {
    const documents = guides(repo)
    const links = documents.flatMap(linksIn).length
    const commands = documents.flatMap(document => commandsOf(document, repo)).length
    const checked = `${many(links, 'local link')} and ${many(commands, 'command')}`
    const text = `checked ${checked} in ${many(documents.length, 'document')}`
    const value = { documents: documents.length, links, commands }
    const [first] = documents
    return [{ subject: 'docs', value, text, source: first ? { file: first.path, line: 1 } : { commit: repo.head } }]
  },
}

const brokenLink: Rule = {
  id: 'docs.broken-link',
  severity: 'minor',
  doc: 'A relative link or picture in a document at the root whose file is not in the repository.',
  derive(repo) {
    return guides(repo).flatMap(document =>
      linksIn(document)
        .filter(({ path }) => !repo.paths.has(path) && !repo.folders.has(path))
        .map(({ target, path, line }) =>
          at(document, line, target, { path }, `${document.path} links to ${target}, which does not exist`),
        ),
    )
  },
}

const unknownCommand: Rule = {
  id: 'docs.unknown-command',
  severity: 'major',
  doc: 'A command in a document at the root that calls a script, target or file that is not there.',
  derive(repo) {
    return guides(repo).flatMap(document =>
      commandsOf(document, repo).flatMap(({ text, missing, line }) =>
        missing === undefined
          ? []
          : [at(document, line, text, { missing }, `${document.path} says to run “${text}”, but ${missing}`)],
      ),
    )
  },
}

const placeholder: Rule = {
  id: 'docs.placeholder',
  severity: 'minor',
  doc: 'Text in the README that was to be replaced: TBD, TODO, lorem ipsum, coming soon.',
  derive(repo) {
    return readmes(repo).flatMap(document =>
      prose(document).flatMap(({ text, line }) => {
        const found = /\bTBD\b|\bTODO:|lorem ipsum|\bcoming soon\b/i.exec(text.replace(/`[^`]*`/g, ''))?.[0]
        return found
          ? [at(document, line, document.path, { placeholder: found }, `${document.path} still says “${found}”`)]
          : []
      }),
    )
  },
}

/** A rule about a file that should stand at the root. The finding cites the commit: there is no line to cite. */
const absent = (what: string, severity: Rule['severity'], name: string, pattern: RegExp): Rule => ({
  id: `docs.no-${what}`,
  severity,
  doc: `No ${name} at the root.`,
  derive(repo) {
    if ([...repo.paths].some(path => pattern.test(path))) return []
    return [
      { subject: what, value: { files: 0 }, text: `there is no ${name} at the root`, source: { commit: repo.head } },
    ]
  },
})

const CHANGELOG = /^(docs\/)?(changelog|changes|history|news|releases?)(\.(md|rst|txt|adoc))?$/i

const changelogVersion: Rule = {
  id: 'docs.changelog-version',
  severity: 'info',
  doc: 'The newest version the changelog has an entry for.',
  derive(repo) {
    const newest = newestEntry(repo)
    if (newest === undefined) return []
    const { file, version, line } = newest
    return [at(file, line, file.path, { version }, `the newest version in ${file.path} is ${version}`)]
  },
}

const repeatedEntry: Rule = {
  id: 'docs.repeated-changelog-entry',
  severity: 'minor',
  doc: 'A version that has two entries of the changelog.',
  derive(repo) {
    const file = changelog(repo)
    if (file === undefined) return []
    const first = new Map<string, number>()
    return entries(file).flatMap(({ version, line }) => {
      const before = first.get(version)
      if (before === undefined) first.set(version, line)
      const text = `${file.path} has ${version} twice: lines ${before} and ${line}`
      return before === undefined ? [] : [at(file, line, version, { first: before }, text)]
    })
  },
}

export const docRules: readonly Rule[] = [
  measured,
  brokenLink,
  unknownCommand,
  placeholder,
  absent('readme', 'major', 'README', /^readme(\.\w+)?$/i),
  absent('licence', 'blocker', 'licence file', /^(licen[cs]es?|copying|unlicense)([-.][\w.-]*)?(\/.*)?$/i),
  absent('changelog', 'minor', 'changelog', CHANGELOG),
  changelogVersion,
  repeatedEntry,
]

const inRoot = (repo: Repository, pattern: RegExp) => [...repo.files.values()].filter(file => pattern.test(file.path))
const readmes = (repo: Repository) => inRoot(repo, /^readme(\.(md|markdown|rst|txt))?$/i)
const guides = (repo: Repository) => inRoot(repo, /^(readme|contributing|security|install)(\.(md|markdown|rst|txt))?$/i)
const changelog = (repo: Repository) => inRoot(repo, CHANGELOG)[0]

interface Line {
  text: string
  line: number
  fenced: boolean
}

function* linesOf(document: TextFile): Generator<Line> {
  let fence: string | undefined
  for (const [i, text] of document.lines.entries()) {
    const mark = /^\s*(```+|~~~+)/.exec(text)?.[1]
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined
      continue
    }
    yield { text, line: i + 1, fenced: fence !== undefined }
  }
}

const prose = (document: TextFile) => [...linesOf(document)].filter(line => !line.fenced)

const LINKS = [
  /\]\(\s*<?([^)\s>]+)>?(?:\s+["'][^)]*)?\)/g, // [text](target "title")
  /^\s*\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/g, // [label]: target
  /<(?:a|img)\s[^>]*?(?:href|src)=["']([^"']+)["']/gi,
  /^\s*\.\.\s+(?:image|figure|include)::\s+(\S+)/g, // reStructuredText
]

function linksIn(document: TextFile): { target: string; path: string; line: number }[] {
  return prose(document).flatMap(({ text, line }) =>
    LINKS.flatMap(pattern =>
      [...text.replace(/`[^`]*`/g, '').matchAll(pattern)].flatMap(match => {
        const target = match[1] ?? ''
        const path = localPath(document, target)
        return path === undefined ? [] : [{ target, path, line }]
      }),
    ),
  )
}

/** The path in the repository a link means; undefined when it leaves the repository or is a mere anchor. */
function localPath(document: TextFile, target: string): string | undefined {
  if (/^([a-z][\w+.-]*:|\/\/|#|mailto)/i.test(target) || /[{}$<]/.test(target)) return undefined
  const bare = target.replace(/[?#].*$/, '')
  if (bare === '') return undefined
  const folder = bare.startsWith('/') ? '' : posix.dirname(document.path)
  const path = posix.join(folder, decode(bare).replace(/^\//, '')).replace(/\/$/, '')
  return path.startsWith('..') || path === '.' || path === '' ? undefined : path
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Commands in fenced blocks and between backticks. After a `cd` to elsewhere a section is about another folder. */
function commandsOf(document: TextFile, repo: Repository) {
  let elsewhere = false
  let cloned = false
  return [...linesOf(document)].flatMap(({ text, line, fenced }) => {
    if (!fenced && /^#{1,6}\s/.test(text)) [elsewhere, cloned] = [false, false]
    cloned ||= /\bgit clone\b/.test(text)
    elsewhere ||= !cloned && /(^|&&|;|\$)\s*cd\s+(?!\.\s*$)\S/.test(text)
    if (elsewhere) return []
    const quoted = fenced
      ? [text.replace(/^\s*[$>]\s+/, '')]
      : [...text.matchAll(/`([^`]+)`/g)].map(match => match[1] ?? '')
    return quoted.flatMap(part => commandsIn(part, repo)).map(command => ({ ...command, line }))
  })
}

function newestEntry(repo: Repository) {
  const file = changelog(repo)
  const [first] = file === undefined ? [] : entries(file)
  return file === undefined || first === undefined ? undefined : { file, ...first }
}

/** Headings that are about one version: `## 1.2.0 - date`, `Version 1.2.0` underlined, `v1.2.0 / date` underlined. */
function entries(file: TextFile): { version: string; line: number }[] {
  return [...linesOf(file)].flatMap(({ text, line, fenced }) => {
    const underlined = /^(={3,}|-{3,})\s*$/.test(file.lines[line] ?? '') && /^\S/.test(text)
    const version = !fenced && (/^#{1,3}\s/.test(text) || underlined) ? versionInHeading(text) : undefined
    return version === undefined ? [] : [{ version, line }]
  })
}

const at = (file: TextFile, line: number, subject: string, value: Finding['value'], text: string): Finding => ({
  subject: subject.slice(0, 400),
  value,
  text,
  source: { file: file.path, line },
})
