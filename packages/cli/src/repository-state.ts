/** In which state a git repository is: what the answer to a question about it depends on, as far as git can tell. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'

/** As `about` of a question: equal for two clones of one state. */
export interface RepositoryState {
  [key: string]: string
  head: string
  /** The branch, or nothing. */
  branch: string
  /** Below the top level. */
  folder: string
  /** Hash of the tags and where they point. */
  tags: string
}

/** What git may print before we give up on it. */
const MAX_BYTES = 16 * 1024 * 1024
/** No program that the repository's own settings name. */
const CALM = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null']

/**
 * Undefined when `folder` is in no git repository, has no commit yet, or holds changes that are not committed: a
 * question about that is asked anew each time.
 */
export async function repositoryState(folder: string): Promise<RepositoryState | undefined> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', ['-C', folder, ...CALM, ...args], { maxBuffer: MAX_BYTES })).stdout.trim()
  try {
    if ((await git('status', '--porcelain')) !== '') return undefined
    const [head, branch, prefix, refs] = await Promise.all([
      git('rev-parse', '--verify', 'HEAD'),
      git('rev-parse', '--abbrev-ref', 'HEAD'),
      git('rev-parse', '--show-prefix'),
      git('for-each-ref', '--format=%(objectname) %(refname)', 'refs/tags'),
    ])
    return { head, branch, folder: prefix, tags: createHash('sha256').update(refs).digest('base64url') }
  } catch {
    return undefined
  }
}
