/** What a program that speaks through this peer may have it say: everything but what a peer says of itself. */
import { AmpError, type Kind, type Op } from '@amp-mesh/protocol'

/** The op, if a guest may say it. Throws AmpError `not-allowed`. */
export function guestOp(op: Op): Op {
  const isVote = op.k === 'verify' && VOTE_FIELDS.some(field => field in op)
  // a settle that names no agent speaks for all agents of the peer
  const speaksForAll = op.k === 'settle' && op.agent === undefined
  if (RESERVED.has(op.k) || isVote || speaksForAll)
    throw new AmpError('not-allowed', `a peer writes '${op.k}' like this by itself`)
  return op
}

/** The peer's words about its ledger; and edits, which go through the room of their draft. */
const RESERVED: ReadonlySet<Kind> = new Set<Kind>(['admit', 'ack', 'ckpt', 'cert', 'edit'])
/** Votes bind the peer for ever. */
const VOTE_FIELDS = ['slot', 'ver', 'e', 'vs']
