/** `keys` on real folders: what it lists, and that it notices a key others can read. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityFromSeed, toBase64url } from '@amp-mesh/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runProgram } from '../../../packages/cli/src/program.ts'
import { fakeWorld } from './fake-world.ts'

const SEED = new Uint8Array(32).fill(7)
const SECRET = toBase64url(SEED)

describe('keys', () => {
  let root: string
  const file = () => join(root, 'home', 'history', 'key')

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'amp-keys-'))
    await mkdir(join(root, 'home', 'history'), { recursive: true })
    await mkdir(join(root, 'home', 'no-peer'))
    await writeFile(file(), `${SECRET}\n`, { mode: 0o600 })
    await writeFile(join(root, 'home', 'no-peer', 'key'), 'not a key')
  })
  afterEach(() => rm(root, { recursive: true }))

  it('lists identity and file, never the secret', async () => {
    const world = fakeWorld()
    expect(await runProgram(['keys', '--data-dir', root], world)).toBe(0)
    expect(world.out()).toContain('home/history')
    expect(world.out()).toContain(identityFromSeed(SEED).peerId)
    expect(world.out()).not.toContain(SECRET)
    expect(world.out()).not.toContain('no-peer')
  })

  it('fails when others can read a key, and says how to mend it', async () => {
    await chmod(file(), 0o644)
    const world = fakeWorld()
    expect(await runProgram(['keys', '--data-dir', root], world)).toBe(1)
    expect(world.out()).toContain(`chmod 600 '${file()}'`)
    const programs = fakeWorld()
    await runProgram(['keys', '--data-dir', root, '--json'], programs)
    expect(JSON.parse(programs.out())).toMatchObject({ type: 'key', mesh: 'home', name: 'history', private: false })
  })

  it('says so when there are none', async () => {
    const world = fakeWorld()
    expect(await runProgram(['keys', '--data-dir', root, '--mesh', 'work'], world)).toBe(0)
    expect(world.err()).toContain('No keys in')
  })
})
