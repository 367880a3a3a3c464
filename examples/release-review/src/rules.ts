/** All rules of the seven agents by id: what any of them needs to check another's word. */
import type { Rule } from './findings.ts'
import { codeRules } from './rules/code.ts'
import { dependencyRules } from './rules/dependencies.ts'
import { docRules } from './rules/docs.ts'
import { historyRules } from './rules/history.ts'
import { secretRules } from './rules/secrets.ts'
import { testRules } from './rules/tests.ts'
import { workflowRules } from './rules/workflow-security.ts'

export const RULES: ReadonlyMap<string, Rule> = new Map(
  [historyRules, dependencyRules, secretRules, docRules, testRules, codeRules, workflowRules]
    .flat()
    .map(rule => [rule.id, rule]),
)

/** The rules of one agent: those whose ids begin with its name. */
export const rulesOf = (agent: string): Rule[] => [...RULES.values()].filter(rule => rule.id.startsWith(`${agent}.`))
