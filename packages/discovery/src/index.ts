/** @amp-mesh/discovery: who can do this? Embedder, directory of signed cards, find. Runs in Node and browsers alike. */
export type { Candidate, Standing } from './candidate.ts'
export { CardDigests, type CardKey, type CardNode, cardKey } from './card-digests.ts'
export { type CardContent, GOSSIP_VERDICT, nextCard, renewalOf } from './card-gossip.ts'
export { CardIndex, type IndexedCard, toInt8, type VectorRow } from './card-index.ts'
export {
  Directory,
  type DirectoryChange,
  type DirectoryInit,
  isCandidate,
  type PutResult,
} from './directory.ts'
export { type FindOptions, type FindPorts, find } from './find.ts'
export { Interests } from './interests.ts'
export { LexicalEmbedder } from './lexical-embedder.ts'
export { Places, type PlacesInit } from './places.ts'
export { MOST_MOVED, PREFERENCE_WEIGHTS, type PreferenceParts, type Preferred, prefer } from './preference.ts'
export { Publication, type PublicationInit, planPublication, stemsToPublish } from './publication.ts'
export { confidenceOf, type Ranked, type Request, rank } from './rank.ts'
export { cosine, nearest } from './similarity.ts'
export { tokenize } from './tokens.ts'
export { keysOfCard, keysOfRequest, type StemUse, stemsOf, wordKey } from './word-keys.ts'
