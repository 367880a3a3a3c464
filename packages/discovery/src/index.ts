/** @amp-mesh/discovery: who can do this? Embedder, directory of signed cards, find. Runs in Node and browsers alike. */
export type { Candidate } from './candidate.ts'
