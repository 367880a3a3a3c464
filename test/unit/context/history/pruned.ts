/** A chapter as it is held where one of its authors was pruned at a checkpoint. */
import type { Part, SpaceBytes } from '@amp-mesh/context/history'
import { canonicalBytes, type Op, toBase64url } from '@amp-mesh/protocol'
import { hash16 } from '../../../../packages/context/src/ledger/acks.ts'
import { checkpointOp } from '../../../../packages/context/src/ledger/checkpoint.ts'
import { encodeLive } from '../../../../packages/context/src/ledger/checkpoint-parts.ts'
import { liveOf } from '../../../../packages/context/src/ledger/live-records.ts'
import type { Log } from '../../../../packages/context/src/ledger/log.ts'
import { decodeSegment } from '../../../../packages/context/src/ledger/segment.ts'
import { identity } from '../../../simulation/space.ts'
import type { Chapter } from './chapter.ts'

const VERIFIERS = [0, 1, 2, 3]

/**
 * The n-th author, admitted already and no verifier, says so much that a checkpoint is due, writes it, and goes on;
 * the verifiers in `acks` acknowledge it. What is handed back holds nothing before the checkpoint but what is alive.
 */
export function prunedChapter(chapter: Chapter, n: number, acks: readonly number[] = [0, 1, 2]): SpaceBytes {
  const by = identity(n).publicKey
  chapter.say(n, { k: 'hyp', text: 'still alive' })
  const due = chapter.genesis.limits.quota / 4
  for (let said = 0, i = 0; said < due; said += 400, i++)
    chapter.say(n, { k: 'reg', name: `r${i % 2}`, v: 'x'.repeat(400) })
  const log = [...chapter.held.logs()].find(each => each.by === by) as Log
  const live = liveOf(log.records).map(({ n: at, seq, time, op }) => ({
    n: at,
    seq,
    time,
    bytes: canonicalBytes(op as Op),
  }))
  const before = new Set(chapter.segments)
  chapter.say(n, checkpointOp(log))
  const segment = chapter.segments.at(-1) as Uint8Array
  const hash = hash16(log.hashAt(log.length - 1) as Uint8Array)
  for (const verifier of acks) chapter.say(verifier, { k: 'ack', heads: [[log.id, log.length - 1, hash]] })
  chapter.say(n, { k: 'hyp', text: 'and on' })
  const authorOf = (bytes: Uint8Array) => toBase64url(decodeSegment(bytes).pub)
  const verifiers = new Set(VERIFIERS.map(each => identity(each).publicKey))
  const beginning: Part = { segment, live: encodeLive(live) }
  return {
    ...chapter.bytes,
    parts: [
      ...chapter.segments.filter(bytes => verifiers.has(authorOf(bytes))),
      beginning,
      ...chapter.segments
        .filter(bytes => !verifiers.has(authorOf(bytes)) && bytes !== segment)
        .filter(bytes => authorOf(bytes) !== by || !before.has(bytes)),
    ],
  }
}
