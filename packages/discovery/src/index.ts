/** @amp-mesh/discovery: who can do this? Embedder, directory of signed cards, find. Runs in Node and browsers alike. */
export type { Acquaintance, Candidate } from './candidate.ts'
export { CardDigests, type CardKey, type CardNode, cardKey } from './card-digests.ts'
export { type CardContent, inMessages, nextCard, renewalOf, sameContent, verdictOf } from './card-gossip.ts'
export { CardIndex, type CardIndexInit, type SearchOptions } from './card-index.ts'
export { vectorsOf } from './card-vectors.ts'
export { Codebook } from './dht/codebook.ts'
export { CardReader, type HeldCard, heldCard } from './dht/held-card.ts'
export { type Bundle, Holder, type HolderInit } from './dht/holder.ts'
export { hotCopies } from './dht/hot-copies.ts'
export { Lookup, type LookupOptions } from './dht/lookup.ts'
export { closestOf, type Place, placeOfKey, placeOfPeer } from './dht/place.ts'
export { Publication, type PublicationCost, type PublicationInit } from './dht/publication.ts'
export { type Route, Routes, type RoutesInit } from './dht/routes.ts'
export { type SearchCost, type SearchPorts, search } from './dht/search.ts'
export { Standing } from './dht/standing.ts'
export { type IndexStore, storeMessages } from './dht/store-messages.ts'
export {
  Directory,
  type DirectoryChange,
  type DirectoryInit,
  isCandidate,
  type PutResult,
} from './directory.ts'
export { fairShare, type SearchAmong } from './fair-share.ts'
export { type FindOptions, type FindPorts, find } from './find.ts'
export { Interests } from './interests.ts'
export { LexicalEmbedder } from './lexical-embedder.ts'
export { type Passage, passagesOf } from './passages.ts'
export { Places, type PlacesInit } from './places.ts'
export { MOST_MOVED, PREFERENCE_WEIGHTS, type PreferenceParts, type Preferred, prefer } from './preference.ts'
export { confidenceOf, type Evidence, type Ranked, type Request, rank } from './rank.ts'
export { signBits } from './sign-bits.ts'
export { cosine, nearest } from './similarity.ts'
export { SMALL_PRINT } from './small-print.ts'
export { tokenize } from './tokens.ts'
export { toInt8 } from './vector-rows.ts'
export { keysOfCard, keysOfRequest, type StemUse, stemsOf, wordKey } from './word-keys.ts'
