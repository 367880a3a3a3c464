/** A peer with a page, as `amp-mesh peer` starts one, and what a test needs to visit it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Host, hostAgents } from '@amp-mesh/agents'
import type { Peer } from '@amp-mesh/peer'
import { createPeer } from '@amp-mesh/peer/node'
import type { Agent } from '@amp-mesh/protocol'
import { type PageSite, pageSite } from '@amp-mesh/web'

interface PageHostInit {
  listen?: number
  dataDir?: string
  join?: string[]
  names?: string[]
  page?: PageSite['handler']
}

export class PageHost {
  readonly site: PageSite
  readonly peer: Peer
  readonly #host: Host
  readonly #dataDir: string

  /** `listen`, `dataDir`: those of one that was stopped, to come back as the same peer. `page`: another than ours. */
  static async start(
    agents: readonly Agent[],
    { listen = 0, dataDir = '', join: others = [], names = [], page }: PageHostInit = {},
  ) {
    const folder = dataDir === '' ? await mkdtemp(join(tmpdir(), 'amp-page-')) : dataDir
    const site = pageSite({ names })
    const name = agents[0]?.name ?? 'peer'
    const peer = await createPeer({
      name,
      mesh: 'page',
      listen,
      dataDir: folder,
      page: page ?? site.handler,
      join: others,
    })
    site.show(peer)
    return new PageHost(site, peer, await hostAgents(peer, agents), folder)
  }

  private constructor(site: PageSite, peer: Peer, host: Host, dataDir: string) {
    this.site = site
    this.peer = peer
    this.#host = host
    this.#dataDir = dataDir
  }

  /** With the token. */
  get url(): string {
    return this.site.url(this.peer.addresses()) ?? ''
  }

  get origin(): string {
    return new URL(this.url).origin
  }

  async stop(): Promise<{ listen: number; dataDir: string }> {
    const listen = Number(new URL(this.url).port)
    await this.#host.close()
    await this.peer.stop()
    return { listen, dataDir: this.#dataDir }
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.#dataDir, { recursive: true, force: true })
  }
}
