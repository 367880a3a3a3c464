/** Where a record stands in the projected document: the root map of its kind. */
import type { Kind } from '@amp-mesh/protocol'

/** Roots that are not just their kind's name. A kind of a later version gets the root of its own name. */
const ROOTS: Readonly<Partial<Record<Kind, string>>> = {
  broadcast: 'questions',
  capability_match: 'offers',
  proposal: 'proposals',
  build_on: 'builds',
  concern: 'concerns',
  need: 'needs',
  task: 'tasks',
  award: 'awards',
  lease: 'leases',
  result: 'results',
  refuse: 'refusals',
  failure: 'failures',
  verify: 'verifications',
  admit: 'admissions',
  settle: 'settles',
  cancel: 'cancellations',
  synthesis: 'syntheses',
  learn: 'learnings',
  contract: 'contracts',
  artifact: 'artifacts',
  fact: 'facts',
  hyp: 'hypotheses',
  cert: 'certificates',
  conflict: 'conflicts',
  link: 'links',
  thread: 'threads',
  msg: 'messages',
  gap: 'gaps',
  retract: 'retractions',
  count: 'counters',
  reg: 'registers',
  assign: 'assignments',
  unassign: 'unassignments',
  draft: 'drafts',
  ack: 'acks',
  ckpt: 'checkpoints',
}

/** Name of the root `Y.Map` that holds the records of a kind. */
export const rootOf = (kind: Kind): string => ROOTS[kind] ?? kind
