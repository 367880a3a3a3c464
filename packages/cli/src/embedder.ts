/** `--embedder`: opened before the peer, with a word on what it waits for and on what takes its place. */
import type { Embedder } from '@amp-mesh/protocol'
import type { MeshOptions } from './options.ts'
import { size } from './render/figures.ts'
import type { World } from './world.ts'

/** What of a peer's init the option decides; nothing without it. */
export async function embedderInit(
  { embedder }: MeshOptions,
  { openEmbedder, signal, terminal }: World,
): Promise<{ embedder?: Embedder }> {
  if (embedder === undefined) return {}
  terminal.status(`opening the embedder ${embedder} …`)
  try {
    return {
      embedder: await openEmbedder(embedder, {
        signal,
        onProgress: (loaded, total) => terminal.status(`${embedder}  ${bar(loaded / total)}  ${size(loaded)}`),
        onFallback: why => terminal.remark(`${why}\n  Words alone are used to find agents now.`),
      }),
    }
  } finally {
    terminal.clearStatus()
  }
}

const WIDTH = 24

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share || 0)) * WIDTH)
  return '█'.repeat(full) + '░'.repeat(WIDTH - full)
}
