/** What history tells: what is not released yet, which files are hot, who knows them. */

import type { Finding, Rule } from '../findings.ts'
import { codeFiles } from '../language.ts'
import { lineOf, versionedManifest } from '../manifest.ts'
import type { Commit, Repository } from '../repository.ts'
import { compareVersions } from '../version.ts'
import { many } from '../wording.ts'

/** "Lately": the last so many commits. */
const RECENT = 200
/** A file is hot from this many and this share of the recent commits on. */
const HOT = { commits: 10, share: 0.1 }
/** With fewer commits, one author only says that the file is young. */
const ONE_AUTHOR_COMMITS = 8
/** From this share of at least this many commits on, a project hangs on one person. */
const BUS_FACTOR = { commits: 20, share: 0.8 }

const measured: Rule = {
  id: 'history.measured',
  severity: 'info',
  doc: 'How much history was read: commits, authors, last release.',
  derive(repo) {
    const authors = new Set(repo.commits.map(commit => commit.author)).size
    const all = repo.cut ? 'the last ' : ''
    const text = `read ${all}${many(repo.commits.length, 'commit')} by ${many(authors, 'author')}, merges left out`
    return [
      { subject: 'history', value: { commits: repo.commits.length, authors }, text, source: { commit: repo.head } },
    ]
  },
}

const release: Rule = {
  id: 'history.release',
  severity: 'info',
  doc: 'The last release: its tag, the commits since, the version the manifest says.',
  derive(repo) {
    if (repo.release === undefined) return []
    const { tag, version, commit, commitsSince } = repo.release
    const manifest = versionedManifest(repo)?.version ?? null
    const says = manifest === null ? '' : `; the manifest says ${manifest}`
    const text = `the last release is ${tag}, ${many(commitsSince, 'commit')} ago${says}`
    return [{ subject: tag, value: { version, manifest, commitsSince }, text, source: { commit } }]
  },
}

const versionNotRaised: Rule = {
  id: 'history.version-not-raised',
  severity: 'major',
  doc: 'Sources changed since the last tag, and the manifest still has that tag’s version, or a lower one.',
  derive(repo) {
    const manifest = versionedManifest(repo)
    const { release } = repo
    if (manifest?.version === undefined || release === undefined) return []
    const changed = [...release.changedSince].filter(path => codeFiles(repo).get(path)?.role === 'source')
    if (changed.length === 0 || compareVersions(manifest.version, release.version) > 0) return []
    return [
      {
        subject: manifest.file.path,
        value: { tag: release.tag, version: manifest.version, changedSources: changed.length },
        text: `${many(changed.length, 'source file')} changed since ${release.tag}, still called ${manifest.version}`,
        source: { file: manifest.file.path, line: lineOf(manifest.file, /^\s*"?version"?\s*[:=]/) },
      },
    ]
  },
}

const unfinishedCommit: Rule = {
  id: 'history.unfinished-commit',
  severity: 'minor',
  doc: 'A commit since the last release that calls itself unfinished: fixup!, squash!, WIP.',
  derive(repo) {
    const unreleased = repo.commits.slice(0, repo.release?.commitsSince ?? repo.commits.length)
    return unreleased.flatMap((commit, before) => {
      if (!/^(fixup!|squash!|amend!|wip\b|\[wip\])/i.test(commit.title)) return []
      const title = commit.title.slice(0, 200)
      const text = `the commit “${title}” calls itself unfinished`
      return [{ subject: title, value: { before }, text, source: { commit: commit.hash } }]
    })
  },
}

const hotFile: Rule = {
  id: 'history.hot-file',
  severity: 'info',
  doc: 'A source file that at least 10 and at least 10 % of the last 200 commits changed.',
  derive(repo) {
    const recent = Math.min(RECENT, repo.commits.length)
    return touches(repo, RECENT)
      .filter(({ commits }) => commits.length >= HOT.commits && commits.length >= HOT.share * recent)
      .map(({ path, commits }) => ({
        subject: path,
        value: { changes: commits.length, of: recent },
        text: `${path} changed in ${commits.length} of the last ${recent} commits`,
        source: { commit: commits[0]?.hash ?? repo.head },
      }))
  },
}

const oneAuthorFile: Rule = {
  id: 'history.one-author-file',
  severity: 'minor',
  doc: 'A source file with at least 8 commits, all by one person, in a project of several.',
  derive(repo) {
    if (people(repo.commits).size < 2) return []
    return touches(repo, repo.commits.length)
      .filter(({ commits }) => commits.length >= ONE_AUTHOR_COMMITS && people(commits).size === 1)
      .map(({ path, commits }) => ({
        subject: path,
        value: { author: commits[0]?.author ?? '', commits: commits.length },
        text: `only ${commits[0]?.author} changed ${path}, in all of its ${commits.length} commits read`,
        source: { commit: commits[0]?.hash ?? repo.head },
      }))
  },
}

const busFactor: Rule = {
  id: 'history.bus-factor',
  severity: 'minor',
  doc: 'One author made at least 80 % of the last 200 commits.',
  derive(repo) {
    const recent = repo.commits.slice(0, RECENT).filter(commit => !isBot(commit))
    const [author, count] = [...people(recent)].sort((a, b) => b[1] - a[1])[0] ?? []
    if (author === undefined || count === undefined) return []
    if (recent.length < BUS_FACTOR.commits || count < BUS_FACTOR.share * recent.length) return []
    const last = recent.find(commit => commit.author === author)
    return [
      {
        subject: 'history',
        value: { author, commits: count, of: recent.length },
        text: `${author} made ${count} of the last ${recent.length} commits: the project hangs on one author`,
        source: { commit: last?.hash ?? repo.head },
      },
    ] satisfies Finding[]
  },
}

export const historyRules: readonly Rule[] = [
  measured,
  release,
  versionNotRaised,
  unfinishedCommit,
  hotFile,
  oneAuthorFile,
  busFactor,
]

const isBot = (commit: Commit) => /\[bot\]$|^dependabot|^renovate/i.test(commit.author)

/** Commits by author, bots left out. */
function people(commits: readonly Commit[]): Map<string, number> {
  const count = new Map<string, number>()
  for (const commit of commits) if (!isBot(commit)) count.set(commit.author, (count.get(commit.author) ?? 0) + 1)
  return count
}

/** Source files of today with the commits that changed them, most changed first. */
function touches(repo: Repository, last: number): { path: string; commits: Commit[] }[] {
  const byPath = new Map<string, Commit[]>()
  for (const commit of repo.commits.slice(0, last))
    for (const path of commit.files) {
      if (codeFiles(repo).get(path)?.role !== 'source') continue
      const known = byPath.get(path)
      if (known === undefined) byPath.set(path, [commit])
      else known.push(commit)
    }
  return [...byPath]
    .map(([path, commits]) => ({ path, commits }))
    .sort((a, b) => b.commits.length - a.commits.length || a.path.localeCompare(b.path))
}
