/** What a concluded question has to give to the commons of its mesh, and which of what stands there may be trusted. */
import {
  type AgentId,
  canonicalText,
  type Genesis,
  type Json,
  type Op,
  type PublicKey,
  questionKey,
  type Rec,
  readSolution,
  type Solution,
  type SpaceId,
} from '@amp-mesh/protocol'
import { verifiersOf } from '../ledger/authors.ts'
import { quorumOf } from '../quorum.ts'
import type { Records } from '../records.ts'
import { conclusion } from './conclusion.ts'
import { covers, latestSettle } from './convergence.ts'
import { offerers, speakerId, speakerOf } from './offers.ts'
import { cancelled, question } from './question.ts'
import { opinions } from './status.ts'

/** A question's space, as one of its members holds it. */
export interface Evidence {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly records: Records
}

/**
 * What the space's valid synthesis is to others: the `solved` that stands for it. Undefined without one, for a partial
 * one and one that rests on nothing (who asks again may find more), for a question that was called off or has no key
 * (`questionKey`), and for a closed space, which is its members' own.
 */
export function solutionOf({ id, genesis, records }: Evidence): Op<'solved'> | undefined {
  const asked = question(records, genesis)
  const q = asked && questionKey(asked.op)
  if (asked === undefined || q === undefined || !genesis.open || cancelled(records, genesis)) return undefined
  const { synthesis } = conclusion(records, genesis)
  if (synthesis === undefined || synthesis.op.partial || synthesis.op.claims.length === 0) return undefined
  const { content, claims } = synthesis.op
  const result: Solution = { space: id, synthesis: synthesis.id, content, claims, by: agentsBehind(records, claims) }
  return { k: 'solved', q, problem: asked.op.query, result, ev: [synthesis.id] }
}

/** The agents that said what the claims cite, in order of name. */
function agentsBehind(records: Records, claims: Solution['claims']): AgentId[] {
  const cited = claims.flatMap(({ references }) => references.flatMap(id => records.get(id) ?? []))
  return [...new Set(cited.map(record => speakerId(speakerOf(record))))].sort()
}

/** True when a `solved` in commons says just what this space came to. */
export function agrees({ op }: Rec<'solved'>, evidence: Evidence): boolean {
  const own = solutionOf(evidence)
  return (
    own !== undefined &&
    own.q === op.q &&
    own.problem === op.problem &&
    canonicalText(own.result) === canonicalText(op.result)
  )
}

/**
 * Was `self` there, and can it answer for how the question ended? Its founder can, who chose the verifiers. So can a
 * peer whose agents offered to help, settled on the synthesis, and find what they said themselves taken up in it. Who
 * only carries the space cannot: anybody can found one and fill it with keys of his own.
 */
export function canVouch(self: PublicKey, { genesis, records }: Evidence): boolean {
  const { synthesis } = conclusion(records, genesis)
  if (synthesis === undefined) return false
  if (genesis.founder === self) return true
  const own = offerers(records).filter(({ author }) => author === self)
  const seen = own.every(speaker => covers(latestSettle(records, speaker), [[synthesis.log, synthesis.seq]]))
  const cited = new Set(synthesis.op.claims.flatMap(({ references }) => references))
  const said = (['proposal', 'build_on', 'concern'] as const).flatMap(kind => records.of(kind))
  return own.length > 0 && seen && said.every(({ id, by }) => by !== self || cited.has(id))
}

/**
 * The mesh's verifiers behind a record of commons, its author counted when he is one. Trusted with f+1 of them, and
 * fewer against it: one of these at least is honest.
 */
export function backers(records: Records, genesis: Genesis, record: Rec): { keys: PublicKey[]; trusted: boolean } {
  const { supports, refutes } = opinions(records, genesis, record.id)
  const author = verifiersOf(genesis).has(record.by) ? [record.by] : []
  const keys = [...new Set([...author, ...supports.map(({ by }) => by)])]
  const needed = quorumOf(genesis).some
  return { keys, trusted: keys.length >= needed && refutes.length < needed }
}

/** Live `solved` records that say they were found in this space. */
export const solutionsFrom = (commons: Records, space: SpaceId): Rec<'solved'>[] =>
  commons.of('solved').filter(({ op }) => spaceIn(op.result) === space && readSolution(op.result) !== undefined)

/** Looked at first: reading a whole solution costs a thousand times as much. */
const spaceIn = (result: Json): Json | undefined =>
  typeof result === 'object' && result !== null && !Array.isArray(result) ? result.space : undefined
