/** Names on the wire that carry the mesh's label: gossip topics and stream protocols (ARCHITECTURE.md §3). */

/** Gossip topics of a mesh. `label`: the first 12 characters of its id. */
export const topicsOf = (label: string) => ({
  cards: `amp-mesh/${label}/cards`,
  broadcast: `amp-mesh/${label}/broadcast`,
  pub: `amp-mesh/${label}/pub`,
})

/** Stream protocols of a mesh, all frames of the one vocabulary. */
export const protocolsOf = (label: string) => ({
  amp: `/amp-mesh/${label}/amp/1.0.0`,
  sync: `/amp-mesh/${label}/sync/1.0.0`,
  card: `/amp-mesh/${label}/card/1.0.0`,
})
