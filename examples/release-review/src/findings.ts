/**
 * What a reviewer finds: a finding, the rule that derives it, the fact that states it, and how a fact
 * is checked again.
 */
import type { Json, Op, Verdict } from '@amp-mesh/protocol'
import type { Repository } from './repository.ts'

/** blocker: do not release; major, minor: a remark; info: true and good to know, no defect. */
export type Severity = 'blocker' | 'major' | 'minor' | 'info'

/** Where something was seen: a line of a file, or a commit. */
export type Source = { file: string; line: number } | { commit: string }

export interface Finding {
  /** What it is about: a file, a package, a command … */
  readonly subject: string
  /** What was derived, so exactly that a lie differs. */
  readonly value: Readonly<Record<string, Json>>
  readonly text: string
  readonly source: Source
}

/** One question to a repository. Its id is the predicate of its facts: `<agent>.<what>`. */
export interface Rule {
  readonly id: string
  readonly severity: Severity
  readonly doc: string
  /** All findings, in an order that depends on the repository only. `file`: those of this file are enough. */
  derive(repo: Repository, file?: string): readonly Finding[] | Promise<readonly Finding[]>
}

/** The fields of a fact record that states a finding. */
export interface FindingFact {
  s: string
  p: string
  o: Record<string, Json>
  text: string
  src: Source
  conf: number
}

export const factOf = (rule: Rule, finding: Finding): FindingFact => ({
  s: finding.subject,
  p: rule.id,
  // the line belongs to the statement: the same thing said of two lines is two facts
  o: 'file' in finding.source ? { ...finding.value, at: placeOf(finding.source) } : { ...finding.value },
  text: finding.text,
  src: finding.source,
  conf: 1,
})

/**
 * Judges a stated fact by deriving it again. 1: the repository says the same; -1: it says something else, or nothing.
 * Undefined when the fact's predicate belongs to no rule.
 */
export async function rederive(
  repo: Repository,
  rules: ReadonlyMap<string, Rule>,
  fact: Op<'fact'>,
): Promise<Verdict | undefined> {
  const rule = rules.get(fact.p)
  if (rule === undefined) return undefined
  const findings = await rule.derive(repo, fileOf(fact.src))
  const same = findings.filter(finding => finding.subject === fact.s)
  if (same.some(finding => states(fact, rule, finding))) return { v: 1, why: 'derived the same from the repository' }
  const [instead] = same
  if (instead === undefined) return { v: -1, why: `${rule.id}: the repository shows nothing of the kind for ${fact.s}` }
  return { v: -1, why: `${rule.id} gives instead: ${instead.text}`, ev: [JSON.stringify(instead.source)] }
}

/** The file a fact cites, if it does. */
export function fileOf(source: Json | undefined): string | undefined {
  if (source === null || typeof source !== 'object' || Array.isArray(source)) return undefined
  return typeof source.file === 'string' ? source.file : undefined
}

/** `file:line`, or the first characters of a commit. */
export function placeOf(source: Json | undefined): string {
  if (source === null || typeof source !== 'object' || Array.isArray(source)) return ''
  if (typeof source.commit === 'string') return source.commit.slice(0, 10)
  return typeof source.file === 'string' ? `${source.file}:${source.line ?? 1}` : ''
}

/** Whether two JSON values are equal, whatever the order of their keys. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]))
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
}

/** A fact may leave its text out, but a text that says something else is a lie too. */
function states(fact: Op<'fact'>, rule: Rule, finding: Finding): boolean {
  const derived = factOf(rule, finding)
  return (
    sameJson(fact.o, derived.o) &&
    sameJson(fact.src, derived.src) &&
    (fact.text === undefined || fact.text === derived.text)
  )
}
