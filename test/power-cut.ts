/** A power cut, as the disk shows it afterwards: what was not synced is missing or torn. */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Level's newest write-ahead log ends somewhere behind its synced length, in whatever the disk held there. Each of our
 * writes is synced before the next begins, so a log that has a successor is whole; what Level made of older ones it
 * synced itself before it relied on it. `synced`: bytes of each log that are known to be.
 */
export async function cutPower(
  store: string,
  synced: Readonly<Record<string, number>>,
  random: () => number,
): Promise<void> {
  const names = (await readdir(store)).filter(each => each.endsWith('.log')).sort()
  const logs = await Promise.all(names.map(async name => ({ name, size: (await stat(join(store, name))).size })))
  const newest = logs.findLast(({ size }) => size > 0)
  if (newest === undefined) return
  const from = Math.min(newest.size, synced[newest.name] ?? 0)
  const kept = from + Math.floor(random() * (newest.size - from + 1))
  const torn = Uint8Array.from({ length: Math.floor(random() * 4_096) }, () => Math.floor(random() * 256))
  const file = await open(join(store, newest.name), 'r+')
  await file.truncate(kept)
  await file.write(random() < 0.5 ? torn : torn.fill(0), 0, torn.length, kept)
  await file.close()
}
