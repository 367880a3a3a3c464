/** Loaded before the decoders (`node --import`): bodies may nest as they like. Throws where there is no guard. */
import { registerHooks } from 'node:module'

const FILE = new URL('../../protocol/src/msgpack-read.ts', import.meta.url).href
const GUARD = "if (depth >= this.#depth) throw bad('nested too deep')"

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (url !== FILE) return loaded
    const parts = String(loaded.source).split(GUARD)
    if (parts.length !== 2) throw new Error('the guard of the depth is not where it was; mend depth-off.ts')
    return { ...loaded, source: parts.join('') }
  },
})
