/** Bounds of the index in the DHT (DISCOVERY.md §5), each with its reason. Beside limits.ts, which is long. */

const KiB = 1024

export const DISCOVERY_LIMITS = {
  /** Heaviest stems a card is published under. */
  keysPerCard: 12,
  /** Vectors of one card: of the whole, and of groups of its capabilities. 10,000 cards fill 132 MB. */
  passagesPerCard: 12,
  /** Keys a request asks for, and how many at once: 8 lookups find .98 of what there is. */
  keysPerRequest: 8,
  /** Keys while fewer cards than this were found: in a small mesh words lead to few, and the ways are short. */
  keysWhileFew: 16,
  fewFound: 64,
  lookupsAtOnce: 4,
  /** Worthiest keys of a request that two holders are asked for, so that hiding shows. */
  checkedKeys: 2,
  /** Concepts of a neural embedder's codebook a card is published under, and a request asks for, beside words. */
  conceptsPerCard: 4,
  conceptsPerRequest: 2,
  /** Peers that hold a key. */
  copies: 3,
  /** Of the peers closest to a key, those that accept its cards: some of the first are silent, or copies are needed. */
  holdersPerKey: 8,
  /**
   * Cards of a bucket, and of one publisher in it. Of half a million cards eight buckets of 1,024 hold .70 of the best,
   * without a bound .99 (DECISIONS.md); 8,192 cards of 2 kB are 16 MB.
   */
  bucketCards: 8_192,
  publisherCards: 64,
  /** Entries of a holder, and of one publisher in all its buckets: 64 agents' keys, and room for centroids. */
  holderEntries: 131_072,
  publisherEntries: 1_024,
  /** Cards a peer has opened and checked, kept so that a signature is verified once. */
  readCards: 32_768,
  /** Bytes of cards in one `index_store` and one `index_cards`: the messages stay below their bound. */
  storeBytes: 192 * KiB,
  answerBytes: 64 * KiB,
  /** Messages of a publication on their way at once. */
  storesAtOnce: 4,
  /**
   * When a holder is slow the next one is asked as well, ms: nineteen of twenty answers are there by then. Whoever has
   * not answered after `patienceMs` counts as silent.
   */
  hedgeMs: 200,
  patienceMs: 500,
  /** Peers a walk asks at once, and the closest it remembers: kad-dht's own bucket size. */
  walkWidth: 3,
  closest: 20,
  /** Areas of the key space whose peers are remembered, and for how long, ms. */
  areas: 256,
  areaLifeMs: 60_000,
  /** Requests for a key between two looks above which its bucket is copied to further peers, and for how long, ms. */
  hotAsks: 600,
  copyLifeMs: 60_000,
} as const
