/** The rules on generated repositories: what is planted is found, where it stands, and nothing else. */
import { describe, expect, it } from 'vitest'
import { RULES } from '../../../examples/release-review/src/index.ts'
import { LANGUAGES, type RepoLanguage } from '../../fixtures/make-repo.ts'
import { review } from './fixture-repos.ts'

/** Defects whose removal is tried: of every agent, and in files that hold others too. */
const SAMPLES: Record<RepoLanguage, readonly string[]> = {
  javascript: ['hot-cycle', 'secret-in-source', 'lock-out-of-step', 'no-permissions'],
  python: ['hot-untested', 'command-missing-twice', 'no-licence'],
  go: ['large-one-author', 'repeated-changelog-entry', 'debug-left'],
}

/** What the cited line holds, by rule. */
const SHOWN: Readonly<Record<string, RegExp>> = {
  'secrets.leaked': /ghp_|AKIA|eyJ/,
  'secrets.environment-file': /SESSION_SECRET=/,
  'docs.broken-link': /overview\.png/,
  'docs.unknown-command': /make release|scripts\/measure/,
  'docs.placeholder': /TBD/,
  'docs.repeated-changelog-entry': /1\.2\.0/,
  'dependencies.unpinned': /tiny-log|tiny\/args/,
  'dependencies.duplicated': /tiny.color/,
  'dependencies.local-path': /\.\.\/(tiny-)?wait/,
  'dependencies.install-script': /tiny-args|subprocess/,
  'dependencies.licence': /tiny-log/,
  'dependencies.lock-out-of-step': /tiny-color|tiny\/log/,
  'tests.focused': /test\.only/,
  'tests.skipped': /skip/i,
  'code.import-cycle': /routes/,
  'code.broken-import': /letters/,
  'code.todo-density': /TODO/,
  'code.before-release': /before the release/,
  'code.debug-left': /debugger|breakpoint|println/,
  'code.merge-marker': /^<{7} /,
  'workflow-security.unpinned-action': /acme\/publish@v2/,
  'workflow-security.broad-permissions': /permissions:/,
  'workflow-security.untrusted-checkout': /actions\/checkout/,
  'workflow-security.script-injection': /issue\.title/,
  'workflow-security.piped-download': /curl.*\| sh/,
  'workflow-security.self-hosted-runner': /pulls:/,
  'workflow-security.unfrozen-install': /install/,
  'workflow-security.unknown-command': /make release/,
}

describe.each(LANGUAGES)('a repository in %s', language => {
  it('has at least 25 planted defects, at least 5 for two agents; all are found, each where it is', async () => {
    const { repo, defects, found } = await review({ language })
    expect(defects.length).toBeGreaterThanOrEqual(25)
    expect(defects.filter(defect => defect.needs !== undefined).length).toBeGreaterThanOrEqual(5)
    const planted = defects.flatMap(({ rules }) => rules).filter(rule => RULES.get(rule)?.severity !== 'info')
    const seen = [...found].map(statement => statement.split(' ', 1)[0] ?? '')
    expect(seen.sort()).toEqual(planted.sort())
    for (const [id, pattern] of Object.entries(SHOWN))
      for (const { source } of (await RULES.get(id)?.derive(repo)) ?? []) {
        if (!('file' in source)) throw new Error(`${id} cites no file`)
        expect(repo.files.get(source.file)?.lines[source.line - 1], `${id} at ${source.file}`).toMatch(pattern)
      }
  })

  it('has a twin with no finding at all', async () => {
    const { found, repo } = await review({ language, twin: true })
    expect([...found]).toEqual([])
    expect(repo.files.size).toBeGreaterThan(40)
  })

  it.each(SAMPLES[language])('without %s lacks its findings and nothing else', async id => {
    const whole = await wholeOf(language)
    const { found, defects } = await review({ language, without: [id] })
    const gone = [...whole.found].filter(statement => !found.has(statement))
    const rules = whole.defects.find(defect => defect.id === id)?.rules ?? []
    const expected = rules.filter(rule => RULES.get(rule)?.severity !== 'info')
    expect(gone.map(statement => statement.split(' ', 1)[0]).sort()).toEqual([...expected].sort())
    expect([...found].filter(statement => !whole.found.has(statement))).toEqual([])
    expect(defects.length).toBe(whole.defects.length - 1)
  })
})

const wholes = new Map<RepoLanguage, ReturnType<typeof review>>()
const wholeOf = (language: RepoLanguage) => {
  const known = wholes.get(language) ?? review({ language })
  wholes.set(language, known)
  return known
}
