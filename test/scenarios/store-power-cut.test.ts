/**
 * The power fails while a writer writes: of what was not synced any part may be missing or torn. Nothing that was
 * acknowledged is lost.
 */
import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type Crash, crashWriter, losses, openReplica, storyFolder } from './stored-space.ts'
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
  const { acknowledged, synced } = await crashWriter(root, seeded(seed))
  const halves = Object.entries(synced).map(([name, length]) => [name, length >> 1] as const)
  await cutPower(join(root, 'story', 'writer', 'store'), Object.fromEntries(halves), () => 0)
  const folder = await storyFolder(root)
  const replica = await openReplica(folder)
  expect(losses(replica.records.all(), acknowledged)).not.toEqual([])
  await replica.close()
  await folder.close()
})

/**
 * Level's write-ahead logs are synced as far as the last acknowledged write; what it made of older ones it synced
 * itself before it relied on it. Each log ends somewhere behind its synced length, in whatever the disk held there.
 */
async function cutPower(store: string, synced: Crash['synced'], random: () => number): Promise<void> {
  for (const name of (await readdir(store)).filter(each => each.endsWith('.log'))) {
    const path = join(store, name)
    const { size } = await stat(path)
    const kept = (synced[name] ?? 0) + Math.floor(random() * (size - (synced[name] ?? 0) + 1))
    const torn = Uint8Array.from({ length: Math.floor(random() * 4_096) }, () => Math.floor(random() * 256))
    const file = await open(path, 'r+')
    await file.truncate(kept)
    await file.write(random() < 0.5 ? torn : torn.fill(0), 0, torn.length, kept)
    await file.close()
  }
}
