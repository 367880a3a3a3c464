/**
 * The release review: seven agents that answer “Is this repository ready to release?” together, on any
 * git repository.
 */
import type { Agent } from '@amp-mesh/protocol'
import { code } from './agents/code.ts'
import { dependencies } from './agents/dependencies.ts'
import { docs } from './agents/docs.ts'
import { history } from './agents/history.ts'
import { secrets } from './agents/secrets.ts'
import { tests } from './agents/tests.ts'
import { workflowSecurity } from './agents/workflow-security.ts'

export { type Finding, type FindingFact, factOf, type Rule, rederive, type Severity, type Source } from './findings.ts'
export { builderOf, JOINTS, type Joint } from './joints.ts'
export { openRepository, type Repository } from './repository.ts'
export { RULES, rulesOf } from './rules.ts'
export { concludeFrom } from './synthesis.ts'
export { code, dependencies, docs, history, secrets, tests, workflowSecurity }

/** What they are asked; the context is `{dir}`, the folder of the repository. */
export const QUESTION = 'Is this repository ready to release?'

export const releaseReviewAgents: readonly Agent[] = [
  history,
  dependencies,
  secrets,
  docs,
  tests,
  code,
  workflowSecurity,
]
