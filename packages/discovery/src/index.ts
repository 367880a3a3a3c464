/** @amp-mesh/discovery: who can do this? Embedder, directory of signed cards, find. Runs in Node and browsers alike. */
export type { Candidate } from './candidate.ts'
export { type CardContent, GOSSIP_VERDICT, nextCard, renewalOf } from './card-gossip.ts'
export { CardIndex, type CardIndexInit, type SearchOptions } from './card-index.ts'
export { vectorsOf } from './card-vectors.ts'
export {
  Directory,
  type DirectoryChange,
  type DirectoryInit,
  type Have,
  isCandidate,
  type PutResult,
} from './directory.ts'
export { type FindOptions, type FindPorts, find } from './find.ts'
export { LexicalEmbedder } from './lexical-embedder.ts'
export { type Passage, passagesOf } from './passages.ts'
export { Publication, type PublicationInit, planPublication, stemsToPublish } from './publication.ts'
export { confidenceOf, type Evidence, type Ranked, type Request, rank } from './rank.ts'
export { signBits } from './sign-bits.ts'
export { cosine, nearest } from './similarity.ts'
export { SMALL_PRINT } from './small-print.ts'
export { tokenize } from './tokens.ts'
export { toInt8 } from './vector-rows.ts'
export { keysOfCard, keysOfRequest, type StemUse, stemsOf, wordKey } from './word-keys.ts'
