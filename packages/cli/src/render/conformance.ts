/** A conformance report for people: a line for each requirement, and below it what did not pass. */

import type { Outcome, Result } from '../conformance/kit.ts'
import { REQUIREMENTS } from '../conformance/requirement.ts'
import { count } from './figures.ts'
import { pad, plainText, wrap } from './plain-text.ts'
import type { Style } from './timeline.ts'

export type Tally = Readonly<Record<Outcome['state'], number>>

export function tallyOf(results: readonly Result[]): Tally {
  const tally = { pass: 0, fail: 0, skipped: 0, 'not observable': 0 }
  for (const { outcome } of results) tally[outcome.state]++
  return tally
}

/** `results`: of one requirement. */
export function renderRequirement(id: string, results: readonly Result[], { palette, width }: Style): string[] {
  const tally = tallyOf(results)
  const mark = tally.fail > 0 ? palette.bad('✗') : tally.skipped > 0 ? palette.warn('–') : palette.good('✓')
  const line = `${mark} ${pad(id, 6)} ${pad(REQUIREMENTS[id] ?? '', 38)} ${palette.quiet(inWords(tally))}`
  const details = results.flatMap(({ title, outcome }) => {
    const why = explanation(outcome)
    if (why === undefined) return []
    return [`  ${palette.strong(plainText(title))}`, ...wrap(why, width - 4).map(each => palette.quiet(`    ${each}`))]
  })
  return [line, ...details]
}

export function renderTally(tally: Tally, { palette }: Style): string[] {
  const words = inWords(tally)
  return ['', tally.fail + tally.skipped === 0 ? palette.good(words) : palette.bad(words)]
}

function explanation(outcome: Outcome): string | undefined {
  if (outcome.state === 'pass') return undefined
  if (outcome.state === 'fail') return plainText(`expected ${outcome.expected} — came ${outcome.came}`)
  return plainText(`${outcome.state}: ${outcome.why}`)
}

const inWords = (tally: Tally): string =>
  [
    count(tally.pass, 'check passed', 'checks passed'),
    ...(tally.fail > 0 ? [`${tally.fail} failed`] : []),
    ...(tally.skipped > 0 ? [`${tally.skipped} skipped`] : []),
    ...(tally['not observable'] > 0 ? [`${tally['not observable']} not observable`] : []),
  ].join(', ')
