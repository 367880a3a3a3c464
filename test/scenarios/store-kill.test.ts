/** A writer is killed with -9 again and again, on the same folder: nothing it acknowledged is ever lost. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { crashWriter, losses, openReplica, storyFolder } from './stored-space.ts'
import { seed, seeded } from './village.ts'

/** Kills in one run: each starts from what the one before left. */
const KILLS = 3

it(`[G3.durable] kill -9 under load loses nothing acknowledged (seed ${seed})`, async () => {
  const random = seeded(seed)
  const root = await mkdtemp(join(tmpdir(), 'amp-store-kill-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const acknowledged = new Map<string, number>()
  for (let kill = 0; kill < KILLS; kill++) {
    const crash = await crashWriter(root, random)
    for (const [id, reading] of crash.acknowledged) acknowledged.set(id, reading)
    const folder = await storyFolder(root)
    const replica = await openReplica(folder)
    expect(losses(replica.records.all(), acknowledged)).toEqual([])
    await replica.close()
    await folder.close()
  }
})
