/** A folder of vectors by key: what an embeddings endpoint was paid for once. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EMBEDDER_LIMITS } from '@amp-mesh/protocol'
import type { VectorCache } from '../embedder/openai-vectors.ts'

/** Makes the folder, and room in it: beyond its bound the oldest quarter goes. */
export async function vectorFolder(
  folder: string,
  bound: number = EMBEDDER_LIMITS.cachedVectors,
): Promise<VectorCache> {
  await mkdir(folder, { recursive: true })
  await makeRoom(folder, bound)
  let fresh = 0
  return {
    async get(key) {
      const bytes = await readFile(join(folder, key)).catch(() => undefined)
      return bytes === undefined ? undefined : new Float32Array(new Uint8Array(bytes).buffer)
    },
    async put(key, vector) {
      if (fresh++ >= bound) return // a process that makes so many is not served by a cache
      const draft = join(folder, `${key}.${process.pid}`)
      await writeFile(draft, new Uint8Array(vector.slice().buffer))
      await rename(draft, join(folder, key)) // whole or not at all
    },
  }
}

async function makeRoom(folder: string, bound: number): Promise<void> {
  const names = await readdir(folder)
  if (names.length <= bound) return
  const files = await Promise.all(
    names.map(async name => ({ name, written: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  )
  const oldest = files.sort((a, b) => a.written - b.written).slice(0, names.length - Math.floor((bound * 3) / 4))
  await Promise.all(oldest.map(({ name }) => rm(join(folder, name), { force: true })))
}
