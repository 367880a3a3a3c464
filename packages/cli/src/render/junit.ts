/** Conformance results as JUnit XML, the form that build servers read: a suite a requirement, a case a check. */

import type { Outcome, Result } from '../conformance/kit.ts'
import { REQUIREMENTS } from '../conformance/requirement.ts'
import { tallyOf } from './conformance.ts'

export function junitXml(results: readonly Result[]): string {
  const ids = [...new Set(results.map(({ requirement }) => requirement))]
  const suites = ids.map(id =>
    suite(
      id,
      results.filter(({ requirement }) => requirement === id),
    ),
  )
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="amp-mesh conformance" ${figures(results)}>`,
    ...suites.flat(),
    '</testsuites>',
    '',
  ].join('\n')
}

function suite(id: string, results: readonly Result[]): string[] {
  return [
    `  <testsuite name="${quoted(`${id} ${REQUIREMENTS[id] ?? ''}`)}" ${figures(results)}>`,
    ...results.flatMap(testCase),
    '  </testsuite>',
  ]
}

function testCase({ requirement, title, outcome, ms }: Result): string[] {
  const head = `    <testcase classname="${quoted(requirement)}" name="${quoted(title)}" time="${ms / 1_000}"`
  const detail = detailOf(outcome)
  return detail === undefined ? [`${head}/>`] : [`${head}>`, `      ${detail}`, '    </testcase>']
}

function detailOf(outcome: Outcome): string | undefined {
  if (outcome.state === 'pass') return undefined
  if (outcome.state !== 'fail') return `<skipped message="${quoted(`${outcome.state}: ${outcome.why}`)}"/>`
  const { expected, came } = outcome
  return `<failure message="${quoted(`expected ${expected}`)}">${quoted(`came ${came}`)}</failure>`
}

function figures(results: readonly Result[]): string {
  const tally = tallyOf(results)
  const skipped = tally.skipped + tally['not observable']
  const seconds = results.reduce((sum, { ms }) => sum + ms, 0) / 1_000
  return `tests="${results.length}" failures="${tally.fail}" errors="0" skipped="${skipped}" time="${seconds}"`
}

/** Text for XML 1.0, which has no form for most control characters. */
const quoted = (text: string): string =>
  text
    .toWellFormed()
    .replace(UNWRITABLE, '\ufffd')
    .replace(/[&<>"'\n\r\t]/g, character => `&#${character.charCodeAt(0)};`)

const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g
