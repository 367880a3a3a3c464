/** In which state a repository is: the same for clones, another after any change that an answer may depend on. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { repositoryState } from '../../../packages/cli/src/repository-state.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'amp-state-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

const git = (dir: string, ...args: string[]) =>
  execFileSync('git', ['-C', dir, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { stdio: 'pipe' })

describe('the state of a repository', () => {
  it('follows commits, tags and the folder; changes that are not committed have none', async () => {
    const dir = await folder()
    expect(await repositoryState(dir)).toBeUndefined()
    git(dir, 'init', '-q', '-b', 'main')
    expect(await repositoryState(dir), 'no commit yet').toBeUndefined()
    await mkdir(join(dir, 'part'))
    await writeFile(join(dir, 'part', 'a.txt'), 'one')
    expect(await repositoryState(dir), 'not committed').toBeUndefined()
    git(dir, 'add', '.')
    git(dir, 'commit', '-q', '-m', 'one')
    const first = await repositoryState(dir)
    expect(first).toMatchObject({ branch: 'main', folder: '' })

    const clone = await folder()
    git(clone, 'clone', '-q', dir, '.')
    expect(await repositoryState(clone)).toEqual(first)
    expect(await repositoryState(join(dir, 'part'))).toEqual({ ...first, folder: 'part/' })
    await writeFile(join(dir, 'part', 'a.txt'), 'two')
    expect(await repositoryState(dir)).toBeUndefined()
    git(dir, 'commit', '-q', '-a', '-m', 'two')
    const second = await repositoryState(dir)
    expect(second?.head).not.toBe(first?.head)
    git(dir, 'tag', 'v1')
    expect(await repositoryState(dir)).not.toEqual(second)
  })

  it('runs no program that the repository names', async () => {
    const dir = await folder()
    git(dir, 'init', '-q')
    git(dir, 'commit', '-q', '--allow-empty', '-m', 'one')
    const trap = join(dir, 'sprung')
    git(dir, 'config', 'core.fsmonitor', `touch ${trap}; false`)
    expect(await repositoryState(dir)).toBeDefined()
    await writeFile(join(dir, 'new'), '')
    expect(await repositoryState(dir), 'only the new file, not the trap').toBeUndefined()
    expect(execFileSync('ls', [dir], { encoding: 'utf8' })).toBe('new\n')
  })
})
