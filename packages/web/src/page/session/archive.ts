/** The questions kept by the peer that serves the page: read with the token its owner was given, never public. */
import { Records, voteCheck } from '@amp-mesh/context'
import { type Genesis, type Json, type Rec, readOp, type SpaceId, verifyPortable } from '@amp-mesh/protocol'
import type { SpaceSummary } from '../model/space-summary.ts'
import type { SpaceSource } from '../model/space-view.ts'

/** A space as the serving peer tells it. */
export interface KeptSpace {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly records: readonly Rec[]
}

export class Archive {
  readonly #token: string
  readonly #fetch: typeof fetch

  constructor(token: string, fetcher: typeof fetch = (...request) => fetch(...request)) {
    this.#token = token
    this.#fetch = fetcher
  }

  /** Rejects when the peer does not answer or does not take the token. */
  async list(signal?: AbortSignal): Promise<SpaceSummary[]> {
    const summaries = (await this.#get('private/spaces', signal)) as SpaceSummary[]
    return summaries.map(summary => ({ ...summary, relation: 'kept' }))
  }

  async space(id: SpaceId, signal?: AbortSignal): Promise<SpaceSource> {
    const kept = (await this.#get(`private/spaces/${id}`, signal)) as KeptSpace
    const records = new Records(voteCheck(kept.id, verifyPortable))
    // what authors wrote: shapes this version of the page does not know are left to others
    records.add(kept.records.map(record => ({ ...record, op: readOp(record.op as Json) }) as Rec))
    return { id: kept.id, genesis: kept.genesis, records }
  }

  async #get(path: string, signal: AbortSignal | undefined): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#token}` }
    const response = await this.#fetch(new URL(path, document.baseURI), { headers, ...(signal && { signal }) })
    if (!response.ok) throw new Error(`the peer answered ${response.status}`)
    return response.json()
  }
}
