/**
 * The power fails while a writer writes: of what was not synced any part may be missing or torn. Nothing that was
 * acknowledged is lost.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { cutPower } from '../power-cut.ts'
import { crashWriter, losses, openReplica, storyFolder } from './stored-space.ts'
import { seed, seeded } from './village.ts'

/** Power cuts in one run: each starts from what the one before left. */
const CUTS = 3

it(`[G3.durable] a power cut loses nothing acknowledged (seed ${seed})`, async () => {
  const random = seeded(seed)
  const root = await mkdtemp(join(tmpdir(), 'amp-power-cut-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const acknowledged = new Map<string, number>()
  for (let cut = 0; cut < CUTS; cut++) {
    const crash = await crashWriter(root, random)
    for (const [id, reading] of crash.acknowledged) acknowledged.set(id, reading)
    await cutPower(join(root, 'story', 'writer', 'store'), crash.synced, random)
    const folder = await storyFolder(root)
    const replica = await openReplica(folder)
    expect(losses(replica.records.all(), acknowledged)).toEqual([])
    await replica.close()
    await folder.close()
  }
})

it('the story would see it: a disk that lied about syncing loses what was acknowledged', async () => {
  const root = await mkdtemp(join(tmpdir(), 'amp-power-cut-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const { acknowledged } = await crashWriter(root, seeded(seed))
  await cutPower(join(root, 'story', 'writer', 'store'), {}, () => 0)
  const folder = await storyFolder(root)
  const replica = await openReplica(folder)
  expect(losses(replica.records.all(), acknowledged)).not.toEqual([])
  await replica.close()
  await folder.close()
})
