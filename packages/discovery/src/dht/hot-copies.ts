/** Caching of hot buckets: what is asked for very often is copied to the peers whom askers turn to next. */
import { DISCOVERY_LIMITS, type MeshId, type PeerId } from '@amp-mesh/protocol'
import { wordKey } from '../word-keys.ts'
import type { Holder } from './holder.ts'
import type { Routes } from './routes.ts'
import { type IndexStore, storeMessages } from './store-messages.ts'

/** What to send to whom; the copies are forgotten soon, unless they are sent again. */
export function* hotCopies(
  holder: Holder,
  routes: Routes,
  mesh: MeshId,
): Generator<readonly [peer: PeerId, message: IndexStore], void, undefined> {
  const { copies, holdersPerKey, copyLifeMs } = DISCOVERY_LIMITS
  for (const bundle of holder.hot())
    for (const peer of routes.near(wordKey(mesh, bundle[0]), holdersPerKey).slice(copies))
      for (const message of storeMessages([bundle], copyLifeMs)) yield [peer, message]
}
