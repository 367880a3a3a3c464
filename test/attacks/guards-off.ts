/** Loaded before a victim (`node --import`): its modules come without their guards. Throws where one is missing. */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { GUARDS, type Guard } from './guards.ts'

const ROOT = new URL('../../', import.meta.url).href
const byUrl = Map.groupBy(GUARDS, guard => ROOT + guard.file)

for (const [url, guards] of byUrl) without(guards, readFileSync(new URL(url), 'utf8'))

registerHooks({
  load(url, context, nextLoad) {
    const guards = byUrl.get(url)
    const loaded = nextLoad(url, context)
    return guards === undefined ? loaded : { ...loaded, source: without(guards, String(loaded.source)) }
  },
})

function without(guards: readonly Guard[], source: string): string {
  return guards.reduce((text, { guard, file, is, off }) => {
    const parts = text.split(is)
    if (parts.length !== 2) throw new Error(`${file}: '${guard}' is found ${parts.length - 1} times; mend guards.ts`)
    return parts.join(off)
  }, source)
}
