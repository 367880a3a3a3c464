/** `amp-mesh conformance ws://…/amp/mesh`: whether an implementation of the gateway does what PROTOCOL.md says. */
import { writeFile } from 'node:fs/promises'
import { AmpError } from '@amp-mesh/protocol'
import { type Command, InvalidArgumentError } from 'commander'
import type { Result } from '../conformance/kit.ts'
import { REQUIREMENTS } from '../conformance/requirement.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type OutputOptions, positive, withOutputOptions } from '../options.ts'
import { renderRequirement, renderTally, tallyOf } from '../render/conformance.ts'
import { junitXml } from '../render/junit.ts'
import { startSpinner } from '../spinner.ts'
import type { World } from '../world.ts'

export interface ConformanceOptions extends OutputOptions {
  token?: string
  /** File for JUnit XML. */
  junit?: string
  /** Requirement ids. */
  only?: string[]
  /** Seconds to wait for any answer. */
  wait: number
}

export const describeConformance = (command: Command): Command =>
  withOutputOptions(
    command
      .description('Check an implementation of the gateway against PROTOCOL.md, by requirement.')
      .argument('<url>', 'where it listens, e.g. ws://127.0.0.1:4001/amp/mesh', gatewayUrl)
      .option('--token <token>', 'its token (default: $AMP_MESH_TOKEN)')
      .option('--only <id...>', 'only these requirements, e.g. GW-3')
      .option('--wait <seconds>', 'how long to wait for any answer', positive, 10)
      .option('--junit <file>', 'write the results as JUnit XML too'),
  ).addHelpText(
    'after',
    `
It needs no agent there: a connection of its own takes part as one. It asks a few questions that nobody has reason to
answer, and takes them back. Exit code 0 only when no check failed and none was skipped.

Example:
  amp-mesh conformance ws://127.0.0.1:4001/amp/mesh --token "$(cat data/token)" --junit results.xml`,
  )

export async function conformance(url: URL, options: ConformanceOptions, world: World): Promise<ExitCode> {
  const { token = world.env.AMP_MESH_TOKEN, only = Object.keys(REQUIREMENTS), wait, junit } = options
  if (token === undefined) throw new AmpError('bad-input', 'a gateway asks for its token: give it with --token')
  const unknown = only.find(id => !Object.hasOwn(REQUIREMENTS, id))
  if (unknown !== undefined)
    throw new AmpError('bad-input', `${unknown} is no requirement; there are ${Object.keys(REQUIREMENTS).join(', ')}`)
  const results = await check({ url, token, patienceMs: wait * 1_000 }, only, world)
  const tally = tallyOf(results)
  if (junit !== undefined) await writeFile(junit, junitXml(results))
  const { pass: passed, fail: failed, skipped, 'not observable': notObservable } = tally
  world.terminal.tell({ type: 'done', passed, failed, skipped, notObservable }, style => renderTally(tally, style))
  return failed + skipped === 0 ? EXIT.ok : EXIT.failure
}

/** Tells the results of each requirement as soon as it has them all. */
async function check(
  target: { url: URL; token: string; patienceMs: number },
  only: readonly string[],
  { terminal, signal }: World,
): Promise<Result[]> {
  // with its WebSockets only when needed
  const { runChecks } = await import('../conformance/kit.ts')
  const { CHECKS } = await import('../conformance/checks.ts')
  const checks = CHECKS.filter(({ requirement }) => only.includes(requirement))
  const results: Result[] = []
  const spinner = startSpinner(terminal, elapsed => `${results.length} of ${checks.length} checks … ${elapsed}`)
  try {
    for await (const result of runChecks(target, checks, signal)) {
      results.push(result)
      const { requirement, title, outcome, ms } = result
      const own = results.filter(each => each.requirement === requirement)
      const isLast = own.length === checks.filter(each => each.requirement === requirement).length
      terminal.tell({ type: 'check', id: requirement, title, ...outcome, ms }, style =>
        isLast ? renderRequirement(requirement, own, style) : [],
      )
    }
  } finally {
    spinner.stop()
  }
  return results
}

function gatewayUrl(text: string): URL {
  const url = URL.parse(text)
  if (url?.protocol !== 'ws:' && url?.protocol !== 'wss:')
    throw new InvalidArgumentError('It must be an address like ws://127.0.0.1:4001/amp/mesh.')
  return url
}
