/** The conclusion of a collaboration: what stands, each claim with the records it rests on. */
import {
  citedBy,
  conflicts,
  isFallen,
  parentOf,
  type Records,
  speakerKey,
  speakerOf,
  status,
  wordsOf,
} from '@amp-mesh/context'
import { type Conclusion, canonicalBytes, type Genesis, type Op, type Rec, type RecordId } from '@amp-mesh/protocol'
import { cut } from './wording.ts'

/** Bounds inside a synthesis: a claim's text, and the shares of an op that claims and content may take, in bytes. */
const CLAIM_LENGTH = 400
const CLAIMS_SHARE = 0.6
const CONTENT_SHARE = 0.25
const MAX_CLAIMS = 256

/** What stands, without anybody's words added: proposals and what was built on them, concerns, and verified facts. */
export function defaultConclusion(records: Records, genesis: Genesis): Conclusion {
  const disputed = new Set(
    conflicts(records, genesis)
      .filter(({ state }) => state === 'open')
      .flatMap(({ sides }) => sides.flat().map(({ id }) => id)),
  )
  const standing = contributions(records, genesis)
  const cited = new Set(standing.flatMap(record => restsOn(record)))
  const facts = [...records.of('fact')].filter(({ id }) => !cited.has(id) && isVerified(records, genesis, id, disputed))
  const claims = [...standing, ...facts].map(record => ({
    text: cut(`${labelOf(record, disputed)}${wordsOf(record.op)}`, CLAIM_LENGTH),
    references: restsOn(record).slice(0, MAX_CLAIMS),
  }))
  const kept = upTo(claims, genesis.limits.op * CLAIMS_SHARE)
  const content =
    kept.length === 0 ? unverified(records, genesis) : contentOf(kept, claims.length, speakers(records, kept))
  return { content: shortened(content, genesis.limits.op * CONTENT_SHARE), claims: kept }
}

/** The `synthesis` of a conclusion: without references to what has fallen, and without claims that rest on nothing. */
export function synthesisOf(
  { content, claims }: Conclusion,
  question: RecordId,
  records: Records,
  genesis: Genesis,
  partial: boolean,
): Op<'synthesis'> {
  const sound = claims
    .map(({ text, references }) => ({
      text: cut(text, 2048),
      references: references.filter(id => records.has(id) && !isFallen(records, genesis, id)).slice(0, MAX_CLAIMS),
    }))
    .filter(({ references }) => references.length > 0)
  const share = upTo(sound, genesis.limits.op * CLAIMS_SHARE)
  const words = shortened(content, genesis.limits.op * CONTENT_SHARE)
  return { k: 'synthesis', for: question, content: words, claims: share, ...(partial && { partial: true }) }
}

type Contribution = Rec<'proposal' | 'build_on' | 'concern'>

/** Live contributions that rest on nothing that has fallen, parents before what was built on them. */
function contributions(records: Records, genesis: Genesis): Contribution[] {
  const roots = records.of('proposal').filter(record => stands(records, genesis, record))
  const seen = new Set<RecordId>()
  const ordered: Contribution[] = []
  const visit = (record: Contribution) => {
    if (seen.has(record.id)) return
    seen.add(record.id)
    ordered.push(record)
    for (const reply of records.referencing(record.id))
      if (isReply(reply) && parentOf(reply.op) === record.id && stands(records, genesis, reply)) visit(reply)
  }
  for (const root of roots) visit(root)
  for (const reply of [...records.of('build_on'), ...records.of('concern')])
    if (stands(records, genesis, reply) && !hangsOnContribution(records, reply)) visit(reply)
  return ordered
}

const isReply = (record: Rec): record is Rec<'build_on' | 'concern'> => ['build_on', 'concern'].includes(record.op.k)

/** Its parent is a contribution: if that stands the reply was reached from it, if not the reply falls with it. */
function hangsOnContribution(records: Records, reply: Rec<'build_on' | 'concern'>): boolean {
  const parent = records.get(reply.op.parent)
  return parent !== undefined && (parent.op.k === 'proposal' || isReply(parent))
}

/** A contribution stands while everything it rests on does. */
const stands = (records: Records, genesis: Genesis, record: Contribution): boolean =>
  restsOn(record).every(id => records.has(id) && !isFallen(records, genesis, id))

/** The record itself, what it answers (the question left out) and what it cites. */
function restsOn({ id, op }: Rec): RecordId[] {
  const parent = op.k === 'proposal' ? undefined : parentOf(op)
  return [...new Set([id, ...(parent === undefined ? [] : [parent]), ...citedBy(op)])]
}

/** Verified, or one side of a dispute that verifiers support: both are shown. */
function isVerified(records: Records, genesis: Genesis, id: RecordId, disputed: ReadonlySet<RecordId>): boolean {
  return (
    ['verified', 'final', 'disputed'].includes(status(records, genesis, id)) || (disputed.has(id) && records.isLive(id))
  )
}

function labelOf(record: Rec, disputed: ReadonlySet<RecordId>): string {
  if (disputed.has(record.id) || (record.op.k === 'build_on' && disputed.has(record.op.parent))) return 'Disputed: '
  return record.op.k === 'concern' ? 'Concern: ' : ''
}

const speakers = (records: Records, claims: Conclusion['claims']): number =>
  new Set(
    claims
      .flatMap(claim => claim.references.flatMap(id => records.get(id) ?? []))
      .map(record => speakerKey(speakerOf(record))),
  ).size

function contentOf(kept: Conclusion['claims'], found: number, agents: number): string {
  const left = found - kept.length
  const lines = [
    `${found} ${found === 1 ? 'finding stands' : 'findings stand'}, by ${agents} ${agents === 1 ? 'agent' : 'agents'}:`,
    ...kept.map(({ text }) => `- ${text}`),
    ...(left > 0 ? [`- … and ${left} more in the space`] : []),
  ]
  return lines.join('\n')
}

/** Where nothing stands: what was said all the same, and is not refuted. */
function unverified(records: Records, genesis: Genesis): string {
  const facts = [...records.of('fact')].filter(({ id }) => !isFallen(records, genesis, id)).slice(0, MAX_CLAIMS)
  if (facts.length === 0) return 'Those who offered to help found nothing to say that stands.'
  return ['Nothing that was said is verified:', ...facts.map(({ op }) => `- ${cut(wordsOf(op), CLAIM_LENGTH)}`)].join(
    '\n',
  )
}

const bytesOf = (value: unknown): number => canonicalBytes(value).length

function upTo<T>(items: readonly T[], bytes: number): T[] {
  let left = bytes
  const end = items.findIndex(item => {
    left -= bytesOf(item) + 1
    return left < 0
  })
  return items.slice(0, Math.min(end < 0 ? items.length : end, MAX_CLAIMS))
}

function shortened(text: string, bytes: number): string {
  if (bytesOf(text) <= bytes && text.length <= bytes) return text
  let end = Math.min(text.length, Math.floor(bytes))
  while (end > 0 && bytesOf(`${cut(text, end)} …`) > bytes) end = Math.floor(end * 0.9)
  return `${cut(text, end)} …`
}
