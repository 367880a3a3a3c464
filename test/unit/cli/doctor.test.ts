/** `doctor`: what it says when things are in order, and when not. Node, git, folder and port are the real ones. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AmpError } from '@amp-mesh/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runProgram } from '../../../packages/cli/src/program.ts'
import { fakeWorld } from './fake-world.ts'

describe('doctor', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amp-doctor-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const check = async (init: Parameters<typeof fakeWorld>[0] = {}) => {
    const world = fakeWorld(init)
    const exit = await runProgram(['doctor', '--json', '--data-dir', folder], world)
    const checks = world
      .out()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    return { exit, world, of: (name: string) => checks.find(each => each.name === name) }
  }

  it('finds all in order but the two peers that cannot find each other', async () => {
    const { exit, of, world } = await check()
    for (const name of ['node', 'git', 'data folder', 'port', 'local peers', 'model'])
      expect(of(name), name).toMatchObject({ type: 'check', level: 'ok' })
    expect(of('mesh')).toMatchObject({ level: 'fail', next: expect.stringContaining('firewall') })
    expect(exit).toBe(1)
    expect(world.stopped()).toBe(2)
  })

  it('warns of a folder that others may write to', async () => {
    await chmod(folder, 0o777)
    expect((await check()).of('data folder')).toMatchObject({
      level: 'warn',
      next: `Make it yours alone: chmod 700 '${folder}'`,
    })
  })

  it('asks a configured model, and says when it does not answer', async () => {
    const model = (answers: boolean) => ({
      id: 'tiny',
      complete: async () => {
        if (!answers) throw new AmpError('model-failed', 'no connection')
        return { text: 'OK' }
      },
    })
    const good = await check({ parts: { modelFromEnvironment: async () => model(true) } })
    expect(good.of('model')).toMatchObject({ level: 'ok', detail: 'tiny answers' })
    const bad = await check({ parts: { modelFromEnvironment: async () => model(false) } })
    expect(bad.of('model')).toMatchObject({
      level: 'fail',
      detail: 'no connection',
      next: expect.stringContaining('OPENAI_BASE_URL'),
    })
  })
})
