/** Checking again, offline, every signature, chain and rule of what is stored of a space. */
import {
  equalBytes,
  fromBase64url,
  type Identity,
  logIdOf,
  type PeerId,
  peerIdOf,
  type SpaceId,
  spaceIdOf,
  type Verify,
} from '@amp-mesh/protocol'
import { Ledger } from '../ledger/ledger.ts'
import type { Verdict } from '../ledger/outcome.ts'
import { Records } from '../records.ts'
import type { HeadMarker } from '../store/store.ts'
import { voteCheck } from '../votes.ts'
import { type Finding, findingOf, MOST_FINDINGS, unvouchedIn } from './finding.ts'
import { type SpaceBytes, take } from './space-bytes.ts'

export interface Audit {
  readonly space: SpaceId
  /** What passed the rules; undefined without a genesis that can be read. */
  readonly ledger: Ledger | undefined
  /** Segments looked at, checkpoints among them. */
  readonly segments: number
  /** None: all is in order. At most 100. */
  readonly findings: readonly Finding[]
  /** Of an export: whose it is, and when it was made. */
  readonly signed?: { readonly by: PeerId; readonly time: number }
}

/** The readable records of a ledger, indexed for the views. */
export function recordsOf(ledger: Ledger, verify: Verify): Records {
  const records = new Records(voteCheck(ledger.id, verify))
  records.reset(ledger.records())
  records.noteForks(ledger.forkedAuthors())
  return records
}

/** What a peer has of a space on its disk. */
export interface StoredSpace extends SpaceBytes {
  /** Where each log ended when it was last written: that shows when its end was lost. */
  readonly markers: readonly HeadMarker[]
  /** Names of stored values that are not what was written. */
  readonly damaged: readonly string[]
}

/** What one peer, `self`, stored of a space. */
export function auditStored(
  space: SpaceId,
  stored: StoredSpace,
  { self, verify }: { self: Identity; verify: Verify },
): Audit {
  const findings: Finding[] = []
  const found = (finding: Finding) => findings.length < MOST_FINDINGS && findings.push(finding)
  const { genesis, parts, proofs, markers, damaged } = stored
  if (spaceIdOf(genesis) !== space)
    return {
      space,
      ledger: undefined,
      segments: 0,
      findings: [{ where: 'genesis', code: 'bad-genesis', why: 'it is not that of this space' }],
    }
  const ledger = new Ledger({ genesis, verify, now: () => Number.MAX_SAFE_INTEGER, self: self.publicKey })
  for (const name of damaged) found({ where: name, code: 'damaged', why: 'this is not what was written here' })
  for (const [kind, all, fine] of [
    ['segment', parts, ['added', 'duplicate', 'fork']],
    ['proof', proofs, ['added', 'duplicate', 'fork', 'kept', 'frozen']],
  ] as const)
    for (const [i, part] of all.entries()) {
      const verdict = take(ledger, part)
      if (!fine.some(outcome => outcome === verdict.outcome))
        found(findingOf(`${kind} ${i + 1}${placeOf(verdict)}`, verdict.outcome))
    }
  for (const finding of unvouchedIn(ledger)) found(finding)
  for (const { pub, epoch, seq, hash } of markers) {
    const log = ledger.log(logIdOf(space, fromBase64url(pub), epoch))
    const held = log?.hashAt(seq)
    if (log?.fork === undefined && !(held !== undefined && equalBytes(held, hash)))
      found({
        where: `log ${epoch} of ${peerIdOf(pub)}`,
        code: 'lost-end',
        why: `it was written up to entry ${seq}, and here it ends after ${log?.length ?? 0} entries`,
      })
  }
  return { space, ledger, segments: parts.length + proofs.length, findings }
}

/** Whose log it is and from where on, for people. */
function placeOf({ segment }: Verdict): string {
  if (segment === undefined) return ''
  return `, of ${peerIdOf(segment.pub)}, log ${segment.epoch}, from entry ${segment.from}`
}
