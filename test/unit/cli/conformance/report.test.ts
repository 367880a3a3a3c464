/** What the conformance kit reports, as a table and as JUnit XML, and that it has a check for each promise. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../../../packages/cli/src/conformance/checks.ts'
import type { Result } from '../../../../packages/cli/src/conformance/kit.ts'
import { REQUIREMENTS } from '../../../../packages/cli/src/conformance/requirement.ts'
import { renderRequirement, renderTally, tallyOf } from '../../../../packages/cli/src/render/conformance.ts'
import { junitXml } from '../../../../packages/cli/src/render/junit.ts'
import { createPalette } from '../../../../packages/cli/src/render/palette.ts'
import { ROOT } from '../../../source-tree.ts'

const style = { width: 70, palette: createPalette(false) }
const RESULTS: Result[] = [
  { requirement: 'GW-3', title: 'Origin', outcome: { state: 'pass' }, ms: 5 },
  {
    requirement: 'GW-3',
    title: 'Host',
    outcome: { state: 'fail', expected: '421', came: '<b>&\u0007"101"' },
    ms: 1_500,
  },
  { requirement: 'GW-16', title: 'a minute', outcome: { state: 'not observable', why: 'too long' }, ms: 0 },
  { requirement: 'GW-16', title: 'after', outcome: { state: 'skipped', why: 'no space' }, ms: 1 },
]
const of = (id: string) => RESULTS.filter(({ requirement }) => requirement === id)

describe('the conformance kit', () => {
  it('has a check for each promise of PROTOCOL.md, and names no other', () => {
    const document = readFileSync(join(ROOT, 'protocol/PROTOCOL.md'), 'utf8')
    const promised = [...document.matchAll(/^\| (GW-\d+) \|/gm)].map(([, id]) => id)
    expect(Object.keys(REQUIREMENTS)).toEqual(promised)
    expect([...new Set(CHECKS.map(({ requirement }) => requirement))]).toEqual(promised)
  })

  it('has checks with titles of their own', () => {
    const titles = CHECKS.map(({ requirement, title }) => `${requirement} ${title}`)
    expect(new Set(titles).size).toBe(titles.length)
  })
})

describe('the table', () => {
  it('says what was expected and what came, and why something was not looked at', () => {
    expect(renderRequirement('GW-3', of('GW-3'), style)).toEqual([
      '✗ GW-3   Origin and Host are looked at          1 check passed, 1 failed',
      '  Host',
      '    expected 421 — came <b>& "101"',
    ])
    expect(renderRequirement('GW-16', of('GW-16'), style)).toEqual([
      '– GW-16  resume after a cut                     0 checks passed, 1 skipped, 1 not observable',
      '  a minute',
      '    not observable: too long',
      '  after',
      '    skipped: no space',
    ])
    expect(renderTally(tallyOf(RESULTS), style).at(-1)).toBe('1 check passed, 1 failed, 1 skipped, 1 not observable')
  })
})

describe('JUnit XML', () => {
  it('has a suite for each requirement, and nothing in it is markup by accident', () => {
    expect(junitXml(RESULTS)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="amp-mesh conformance" tests="4" failures="1" errors="0" skipped="2" time="1.506">
  <testsuite name="GW-3 Origin and Host are looked at" tests="2" failures="1" errors="0" skipped="0" time="1.505">
    <testcase classname="GW-3" name="Origin" time="0.005"/>
    <testcase classname="GW-3" name="Host" time="1.5">
      <failure message="expected 421">came &#60;b&#62;&#38;\ufffd&#34;101&#34;</failure>
    </testcase>
  </testsuite>
  <testsuite name="GW-16 resume after a cut" tests="2" failures="0" errors="0" skipped="2" time="0.001">
    <testcase classname="GW-16" name="a minute" time="0">
      <skipped message="not observable: too long"/>
    </testcase>
    <testcase classname="GW-16" name="after" time="0.001">
      <skipped message="skipped: no space"/>
    </testcase>
  </testsuite>
</testsuites>
`)
  })
})
