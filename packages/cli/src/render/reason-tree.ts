/** Why a record says what it says, as a tree: below each its reasons, who said it, and who verified it. */
import { speakerOf } from '@amp-mesh/context'
import type { Reason } from '@amp-mesh/context/history'
import { peerIdOf, type Rec, type RecordId, type Status } from '@amp-mesh/protocol'
import { plainText, wrap } from './plain-text.ts'
import { nameOf, shortId, wordsOf } from './record-line.ts'
import { type Style, shortPeer } from './timeline.ts'

const LINES = 3
/** Beyond this indent a tree is no longer read as one; deeper levels stand below each other. */
const DEEPEST_INDENT = 30

/** A claim of a synthesis: no record of its own, but what its references hang under. */
interface Claim {
  readonly claim: string
  readonly reasons: readonly Branch[]
}
type Branch = Reason | Claim

export function renderReasons(reason: Reason, style: Style): string[] {
  return [...drawn(reason, '', '', style)]
}

function* drawn(branch: Branch, first: string, rest: string, style: Style): Generator<string> {
  const below = branchesOf(branch)
  const stem = below.length > 0 ? '│ ' : '  '
  const isDeep = rest.length >= DEEPEST_INDENT
  yield* said(branch, first, rest + stem, style)
  for (const [i, each] of below.entries()) {
    const isLast = i === below.length - 1
    if (isDeep) yield* drawn(each, rest, rest, style)
    else yield* drawn(each, `${rest}${isLast ? '└─ ' : '├─ '}`, `${rest}${isLast ? '   ' : '│  '}`, style)
  }
}

function* said(branch: Branch, first: string, rest: string, style: Style): Generator<string> {
  const { palette, width } = style
  const room = Math.max(20, width - rest.length - 1)
  if ('claim' in branch) {
    const [head = '', ...more] = wrap(branch.claim, room, LINES)
    yield palette.quiet(first) + palette.strong(head)
    for (const line of more) yield palette.quiet(rest) + palette.strong(line)
    return
  }
  const { label, paint, text } = wordsOf(branch.record, palette)
  if (branch.folded !== undefined) {
    const why = branch.folded === 'seen' ? 'above' : 'and so on'
    const [line = ''] = wrap(`${label} ${text}`, room - why.length - 10, 1)
    yield palette.quiet(`${first}↑ ${shortId(branch.record.id)} ${why}: ${line}`)
    return
  }
  const [head = '', ...more] = wrap(`${label === '' ? '' : `${label} `}${text}`, room, LINES)
  yield palette.quiet(first) + paint(head.slice(0, label.length)) + head.slice(label.length)
  for (const line of more) yield palette.quiet(rest) + line
  for (const line of wrap(signature(branch), room, LINES)) yield palette.quiet(rest + line)
}

/** `history 3xK2pQ · Zk3fQ2a · verified by tests, deps` */
function signature(reason: Reason): string {
  const { record, status, supports, refutes, shown, missing } = reason
  const opinions = [...list('by', supports), ...list('refuted by', refutes), ...list('also judged by', shown)].join(
    '; ',
  )
  const offer = offerOf(reason)
  const { agent } = speakerOf(record)
  return [
    `${agent === '' ? 'peer' : plainText(agent)} ${shortPeer(peerIdOf(record.by))}`,
    shortId(record.id),
    ...(isTold(record, status) ? [`${status}${opinions === '' ? '' : ` ${opinions}`}`] : []),
    ...(offer === undefined ? [] : [`from its offer ${shortId(offer)}`]),
    ...(missing.length > 0 ? [`rests on what nobody here holds: ${missing.map(shortId).join(', ')}`] : []),
  ].join(' · ')
}

/** A status says something once somebody judged; questions and offers are not judged. */
const isTold = ({ op }: Rec, status: Status) => status !== 'proposed' && op.k !== 'broadcast'

const list = (verb: string, verdicts: readonly Rec[]): string[] =>
  verdicts.length === 0 ? [] : [`${verb} ${[...new Set(verdicts.map(nameOf))].join(', ')}`]

/** An offer that was shown before needs no line of its own. */
function branchesOf(branch: Branch): readonly Branch[] {
  if ('claim' in branch) return branch.reasons
  const { record, reasons } = branch
  if (record.op.k === 'synthesis' && branch.folded === undefined) return claimsOf(record.op.claims, reasons)
  return offerOf(branch) === undefined ? reasons : []
}

function offerOf({ reasons: [only, another] }: Reason): RecordId | undefined {
  return another === undefined && only?.folded === 'seen' && only.record.op.k === 'capability_match'
    ? only.record.id
    : undefined
}

/** Each reason stands in full below the first claim that cites it. */
function claimsOf(
  claims: readonly { text: string; references: readonly RecordId[] }[],
  reasons: readonly Reason[],
): Branch[] {
  const told = new Set<RecordId>()
  const asCited = (id: RecordId): Branch[] => {
    const reason = reasons.find(each => each.record.id === id)
    if (reason === undefined) return []
    const isFirst = !told.has(id)
    told.add(id)
    return [isFirst ? reason : { ...reason, folded: 'seen', reasons: [] }]
  }
  const cited = claims.map(({ text, references }, i) => ({
    claim: `[${i + 1}] ${plainText(text)}`,
    reasons: [...new Set(references)].flatMap(asCited),
  }))
  return [...cited, ...reasons.filter(({ record }) => !told.has(record.id))]
}
