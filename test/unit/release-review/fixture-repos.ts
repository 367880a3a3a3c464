/** Generated repositories for the tests, in a folder that goes away with them; what the rules find in one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { factOf, openRepository, type Repository, RULES } from '../../../examples/release-review/src/index.ts'
import { type Defect, makeRepo, type RepoOptions } from '../../fixtures/make-repo.ts'

const root = mkdtempSync(join(tmpdir(), 'release-review-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let made = 0
/** A new, empty folder's path. */
export const newFolder = (): string => join(root, String(made++))

export interface Reviewed {
  repo: Repository
  defects: readonly Defect[]
  /**
   * Findings that are defects, as `rule subject place`; a place in history is left out, since every
   * change moves it.
   */
  found: ReadonlySet<string>
}

export async function review(options: Omit<RepoOptions, 'dir'>): Promise<Reviewed> {
  const { dir, defects } = makeRepo({ ...options, dir: newFolder() })
  const repo = await openRepository(dir)
  const found = new Set<string>()
  for (const rule of RULES.values())
    for (const finding of await rule.derive(repo)) {
      if (rule.severity !== 'info') found.add(statementOf(factOf(rule, finding)))
    }
  return { repo, defects, found }
}

export const statementOf = (fact: { s: string; p: string; o: unknown }): string =>
  `${fact.p} ${fact.s} ${JSON.stringify(fact.o)}`
