/**
 * A read-only snapshot of a git repository at HEAD: its text files, its history, its tags. Uncommitted
 * work is not seen.
 */
import { isAbsolute } from 'node:path'
import { AmpError, type Json } from '@amp-mesh/protocol'
import { git, gitLines } from './git.ts'
import { compareVersions, versionOfTag } from './version.ts'

/** How much of a repository is looked at. What is cut is said in `notes`. */
const BOUNDS = {
  /** Files whose text is read; the snapshot of seven processes must fit into a laptop. */
  files: 5_000,
  fileBytes: 256 * 1024,
  bytes: 16 * 1024 * 1024,
  /** Commits of history, merges not counted: enough to tell what is alive now. */
  commits: 500,
}

export interface TextFile {
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
}

export interface Commit {
  readonly hash: string
  readonly author: string
  readonly title: string
  readonly files: readonly string[]
}

/** The highest version tag that HEAD contains. */
export interface Release {
  readonly tag: string
  readonly version: string
  readonly commit: string
  /** Commits after it. */
  readonly commitsSince: number
  readonly changedSince: ReadonlySet<string>
}

export interface Repository {
  readonly dir: string
  /** Hash of the commit under review. */
  readonly head: string
  /** Every tracked path, also of files that were not read. */
  readonly paths: ReadonlySet<string>
  readonly folders: ReadonlySet<string>
  /** Text files by path, in order of path. */
  readonly files: ReadonlyMap<string, TextFile>
  /** Newest first, without merges, at most 500. */
  readonly commits: readonly Commit[]
  /** True when there may be older commits. */
  readonly cut: boolean
  readonly release: Release | undefined
  /** Files the bounds left out, in words. */
  readonly notes: readonly string[]
}

/** The folder a question is about, if its context names one: `{dir: "/absolute/path"}`. */
export function folderOf(context: Json | undefined): string | undefined {
  if (context === null || typeof context !== 'object' || Array.isArray(context)) return undefined
  const dir = context.dir
  return typeof dir === 'string' && dir.length < 4096 && !dir.includes('\0') && isAbsolute(dir) ? dir : undefined
}

/** The hash of HEAD, or undefined when `dir` is not a git repository with a commit. */
export async function headOf(dir: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    return (await gitLines(dir, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], signal))[0]
  } catch (error) {
    if (error instanceof AmpError) return undefined
    throw error
  }
}

/** Reads the snapshot. Rejects with AmpError `bad-input` when `dir` is not a git repository with a commit. */
export async function openRepository(dir: string, signal?: AbortSignal): Promise<Repository> {
  const head = await headOf(dir, signal)
  if (head === undefined) throw new AmpError('bad-input', `${dir} is not a git repository with a commit`)
  const [tree, commits, release] = await Promise.all([
    listTree(dir, head, signal),
    readCommits(dir, head, signal),
    readRelease(dir, head, signal),
  ])
  const { files, notes } = await readFiles(dir, tree, signal)
  const paths = new Set(tree.map(entry => entry.path))
  const cut = commits.length === BOUNDS.commits
  return { dir, head, paths, folders: foldersOf(paths), files, commits, cut, release, notes }
}

/** A derivation computed once per snapshot. */
export function oncePerRepository<T>(derive: (repo: Repository) => T): (repo: Repository) => T {
  const known = new WeakMap<Repository, { value: T }>()
  return repo => {
    const before = known.get(repo)
    if (before !== undefined) return before.value
    const value = derive(repo)
    known.set(repo, { value })
    return value
  }
}

interface TreeEntry {
  path: string
  blob: string
  size: number
}

/** Code that others wrote, kept in the tree: not this project's to judge. */
const FOREIGN = /(^|\/)(node_modules|vendor|third_party|\.yarn)\//

async function listTree(dir: string, head: string, signal?: AbortSignal): Promise<TreeEntry[]> {
  const output = await git(dir, ['ls-tree', '-r', '-z', '-l', '--full-tree', head], signal ? { signal } : {})
  const entries: TreeEntry[] = []
  for (const row of output.toString().split('\0')) {
    // mode, type, hash, size, path; symbolic links (120000) and submodules (commit) are not files to read
    const [, mode, blob, size, path] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(row) ?? []
    if (path !== undefined && blob !== undefined && mode !== '120000') entries.push({ path, blob, size: Number(size) })
  }
  return entries
}

async function readFiles(dir: string, tree: readonly TreeEntry[], signal?: AbortSignal) {
  const notes: string[] = []
  const chosen: TreeEntry[] = []
  let bytes = 0
  let tooLarge = 0
  let cut = 0
  for (const entry of tree) {
    if (FOREIGN.test(entry.path)) continue
    if (entry.size > BOUNDS.fileBytes) tooLarge++
    else if (chosen.length >= BOUNDS.files || bytes + entry.size > BOUNDS.bytes) cut++
    else {
      chosen.push(entry)
      bytes += entry.size
    }
  }
  if (tooLarge > 0) notes.push(`${tooLarge} files above ${BOUNDS.fileBytes / 1024} KiB were not read`)
  if (cut > 0) notes.push(`${cut} files beyond the first ${chosen.length} were not read`)
  const input = chosen.map(entry => `${entry.blob}\n`).join('')
  const output = await git(dir, ['cat-file', '--batch'], { input, ...(signal && { signal }) })
  return { files: parseBlobs(output, chosen), notes }
}

/** `git cat-file --batch`: for each object a header line `<hash> <type> <size>`, its bytes, a line feed. */
function parseBlobs(output: Buffer, entries: readonly TreeEntry[]): Map<string, TextFile> {
  const files = new Map<string, TextFile>()
  let at = 0
  for (const { path } of entries) {
    const end = output.indexOf(10, at)
    const [, kind, length] = output.toString('latin1', at, end).split(' ')
    if (end < 0) break
    if (kind === 'missing') {
      at = end + 1 // a partial clone does not hold every blob
      continue
    }
    const size = Number(length)
    const bytes = output.subarray(end + 1, end + 1 + size)
    at = end + 1 + size + 1
    if (bytes.subarray(0, 8192).includes(0)) continue // binary
    const text = bytes.toString()
    files.set(path, { path, text, lines: text.split(/\r?\n/) })
  }
  return files
}

async function readCommits(dir: string, head: string, signal?: AbortSignal): Promise<Commit[]> {
  const shape = [
    '--no-merges',
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
    '--name-only',
    '--format=%x01%H%x02%aN%x02%s',
  ]
  const lines = await gitLines(dir, ['log', '-n', String(BOUNDS.commits), ...shape, head], signal)
  const commits: (Commit & { files: string[] })[] = []
  for (const line of lines) {
    const [hash, author = '', title = ''] = line.startsWith('\x01') ? line.slice(1).split('\x02') : []
    if (hash !== undefined) commits.push({ hash, author, title, files: [] })
    else commits.at(-1)?.files.push(line)
  }
  return commits
}

async function readRelease(dir: string, head: string, signal?: AbortSignal): Promise<Release | undefined> {
  const format = '--format=%(refname:strip=2) %(objectname) %(*objectname)'
  const rows = await gitLines(dir, ['for-each-ref', 'refs/tags', `--merged=${head}`, format], signal)
  const tags = rows
    .map(row => row.split(' '))
    .map(([tag = '', object = '', peeled]) => ({ tag, version: versionOfTag(tag), commit: peeled || object }))
    .filter((tag): tag is { tag: string; version: string; commit: string } => tag.version !== undefined)
  const last = tags.sort((a, b) => compareVersions(b.version, a.version))[0]
  if (last === undefined) return undefined
  const [count, changed] = await Promise.all([
    gitLines(dir, ['rev-list', '--count', `${last.commit}..${head}`], signal),
    gitLines(dir, ['diff', '--name-only', '--no-renames', '--no-ext-diff', last.commit, head], signal),
  ])
  return { ...last, commitsSince: Number(count[0]), changedSince: new Set(changed) }
}

function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>()
  for (const path of paths)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at)
      if (folders.has(folder)) break
      folders.add(folder)
    }
  return folders
}
