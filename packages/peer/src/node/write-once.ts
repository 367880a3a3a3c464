/** A small file that is written once: who comes later, in whatever process, reads what the first one wrote. */
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemRandom } from './system-random.ts'

/** Writes `bytes` under this name, whole and synced, unless it is taken; returns what stands there now. */
export async function writeOnce(folder: string, name: string, bytes: Uint8Array): Promise<Uint8Array> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, name)
  const draft = `${path}.${process.pid}.${systemRandom.float()}`
  await writeFile(draft, bytes, { mode: 0o600, flush: true })
  // linked to its name, which fails when the name is taken
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft, { force: true })
  return new Uint8Array(await readFile(path))
}
