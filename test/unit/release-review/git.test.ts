/** A repository is not trusted: what is written in it is read, and never run. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openRepository } from '../../../examples/release-review/src/index.ts'
import { folderOf, headOf } from '../../../examples/release-review/src/repository.ts'
import { makeRepo } from '../../fixtures/make-repo.ts'
import { newFolder } from './fixture-repos.ts'

describe('a hostile repository', () => {
  it('runs none of the programs its configuration names', async () => {
    const { dir } = makeRepo({ language: 'go', dir: newFolder(), twin: true })
    const trace = join(dir, 'ran')
    const program = join(dir, 'program')
    writeFileSync(
      program,
      `#!/bin/sh
touch '${trace}'
cat "$@" 2>/dev/null
exit 0
`,
    )
    chmodSync(program, 0o755)
    const settings = [
      'core.fsmonitor',
      'core.pager',
      'gpg.program',
      'diff.external',
      'diff.all.textconv',
      'filter.all.smudge',
    ]
    for (const name of settings) execFileSync('git', ['-C', dir, 'config', name, program])
    execFileSync('git', ['-C', dir, 'config', 'log.showSignature', 'true'])
    mkdirSync(join(dir, '.git', 'info'), { recursive: true })
    writeFileSync(join(dir, '.git', 'info', 'attributes'), '* diff=all filter=all\n')
    // proof that the trap works: a plain git falls into it
    execFileSync('git', ['-C', dir, 'log', '-p', '--ext-diff', '-n', '1'], { stdio: 'ignore' })
    expect(existsSync(trace)).toBe(true)
    execFileSync('rm', [trace])
    const repo = await openRepository(dir)
    expect(repo.files.size).toBeGreaterThan(40)
    expect(existsSync(trace)).toBe(false)
  })

  it('does not lead out of itself by symbolic links, nor show what is not committed', async () => {
    const { dir } = makeRepo({ language: 'go', dir: newFolder(), twin: true })
    symlinkSync('/etc/passwd', join(dir, 'passwd.txt'))
    execFileSync('git', ['-C', dir, 'add', 'passwd.txt'])
    execFileSync('git', ['-C', dir, '-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-qm', 'link'])
    writeFileSync(join(dir, 'loose.txt'), 'not committed')
    const repo = await openRepository(dir)
    expect(repo.files.has('passwd.txt')).toBe(false)
    expect(repo.paths.has('loose.txt')).toBe(false)
  })
})

describe('a question’s context', () => {
  it('names no folder unless it says so in sound words', () => {
    const contexts = [
      undefined,
      null,
      'x',
      [],
      {},
      { dir: 7 },
      { dir: 'here' },
      { dir: '/a\0b' },
      { dir: `/${'a'.repeat(5000)}` },
    ]
    for (const context of contexts) expect(folderOf(context)).toBeUndefined()
  })

  it('names a folder that may be no repository', async () => {
    const empty = newFolder()
    expect(folderOf({ dir: empty })).toBe(empty)
    expect(await headOf(empty)).toBeUndefined()
    mkdirSync(empty)
    await expect(openRepository(empty)).rejects.toMatchObject({ code: 'bad-input' })
    execFileSync('git', ['-C', empty, 'init', '-q'])
    await expect(openRepository(empty)).rejects.toThrow('not a git repository with a commit')
  })

  it('a read that is aborted ends with the reason', async () => {
    const { dir } = makeRepo({ language: 'go', dir: newFolder(), twin: true })
    await expect(openRepository(dir, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })
})
