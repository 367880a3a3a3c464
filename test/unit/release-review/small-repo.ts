/** A repository in memory, of a few files and commits: for rules about details. */
import type { Commit, Release, Repository } from '../../../examples/release-review/src/repository.ts'

export interface SmallRepo {
  files: Readonly<Record<string, string>>
  commits?: readonly Commit[]
  release?: Release
}

export function smallRepo({ files, commits = [], release }: SmallRepo): Repository {
  const paths = new Set(Object.keys(files).sort())
  const folders = [...paths].flatMap(path =>
    path
      .split('/')
      .slice(0, -1)
      .map((_, i, parts) => parts.slice(0, i + 1).join('/')),
  )
  return {
    dir: '/nowhere',
    head: 'f'.repeat(40),
    paths,
    folders: new Set(folders),
    files: new Map(
      [...paths].map(path => [path, { path, text: files[path] ?? '', lines: (files[path] ?? '').split('\n') }]),
    ),
    commits,
    cut: false,
    release,
    notes: [],
  }
}
