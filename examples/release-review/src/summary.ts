/** One agent's proposal in words: what it looked at, and what it concludes. */
import { type Finding, placeOf, type Rule, type Severity } from './findings.ts'
import type { Repository } from './repository.ts'

export interface Found {
  rule: Rule
  findings: readonly Finding[]
}

/** Findings named in a summary; the facts hold the others. */
const NAMED = 6
const ORDER: readonly Severity[] = ['blocker', 'major', 'minor']

/** “tests: 40 lines of tests for 100 lines of source. 1 blocker, 2 minor: …” */
export function summarise(name: string, found: readonly Found[], repo: Repository): string {
  const measured = found.find(({ rule }) => rule.id === `${name}.measured`)?.findings[0]?.text ?? 'looked'
  const defects = found.filter(({ rule }) => rule.severity !== 'info')
  const all = ORDER.flatMap(severity =>
    defects.filter(({ rule }) => rule.severity === severity).flatMap(({ findings }) => findings),
  )
  const parts = [`${name}: ${measured} at commit ${repo.head.slice(0, 10)}`, verdictOf(defects)]
  if (all.length > 0) {
    const named = all.slice(0, NAMED).map(finding => `${shorten(finding.text)} (${placeOf(finding.source)})`)
    parts.push(`${named.join('; ')}${all.length > NAMED ? `; and ${all.length - NAMED} more` : ''}`)
  }
  if (repo.notes.length > 0) parts.push(`Bounds: ${repo.notes.join(', ')}`)
  return `${parts.join('. ')}.`
}

function verdictOf(defects: readonly Found[]): string {
  const counts = ORDER.map(severity => {
    const number = defects
      .filter(({ rule }) => rule.severity === severity)
      .reduce((sum, { findings }) => sum + findings.length, 0)
    return number === 0 ? undefined : `${number} ${severity}`
  }).filter(count => count !== undefined)
  return counts.length === 0 ? `${defects.length} rules found nothing against a release` : counts.join(', ')
}

const shorten = (text: string) => (text.length > 200 ? `${text.slice(0, 199)}…` : text)
