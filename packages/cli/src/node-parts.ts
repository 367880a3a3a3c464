/** The heavy parts of commands on Node, each behind an import of its own. */
import type { Parts } from './world.ts'

export const nodeParts: Parts = {
  async createPeer(init, log) {
    const { createPeer, consoleLogger } = await import('@amp-mesh/peer/node')
    return createPeer({ ...init, logger: consoleLogger(log) })
  },
  async localPeers(dataDir) {
    const { localPeers } = await import('@amp-mesh/peer/node')
    return localPeers(dataDir)
  },
  async dataRoot() {
    const { dataRoot } = await import('@amp-mesh/peer/node')
    return dataRoot()
  },
  async archivePlaces(where) {
    const { archivePlaces } = await import('@amp-mesh/peer/node')
    return archivePlaces(where)
  },
  async openArchive(place) {
    const { openArchive } = await import('@amp-mesh/peer/node')
    return openArchive(place)
  },
  async invite(init) {
    const { invite } = await import('@amp-mesh/peer/node')
    return invite(init)
  },
  async revoke(what, place) {
    const { revoke } = await import('@amp-mesh/peer/node')
    return revoke(what, place)
  },
  async rotate(place) {
    const { rotate } = await import('@amp-mesh/peer/node')
    return rotate(place)
  },
  async verifier() {
    const { opensslVerify } = await import('@amp-mesh/peer/node')
    return opensslVerify()
  },
  async loadAgents(file, model) {
    const { loadAgents } = await import('@amp-mesh/agents/node')
    return loadAgents(file, { model })
  },
  async pageSite(init) {
    const { pageSite } = await import('@amp-mesh/web')
    return pageSite(init)
  },
  async hostAgents(peer, agents) {
    const { hostAgents } = await import('@amp-mesh/agents')
    return hostAgents(peer, agents)
  },
  async modelFromEnvironment() {
    const { modelFromEnvironment } = await import('@amp-mesh/agents/node')
    return modelFromEnvironment(process.env)
  },
  async openEmbedder(name, options) {
    const { openEmbedder } = await import('@amp-mesh/agents/node')
    return openEmbedder(name, options)
  },
}
