/**
 * Stands in for a table of 46 kB in libp2p's DHT (`generated-prefix-list`): keys whose hashes begin with each prefix,
 * so that a routing table can be refreshed bucket by bucket. A tab keeps no buckets for others; any keys do for the
 * walks that show it around.
 */
export default Array.from({ length: 0x10000 }, (_, n) => n)
