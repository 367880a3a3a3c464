/** `amp-mesh ask "<query>"`: asks the mesh, shows who answers what, and ends with the synthesis. */
import { resolve } from 'node:path'
import type { AskOptions } from '@amp-mesh/peer'
import { type Json, QUESTION_DEFAULTS } from '@amp-mesh/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { converse, exitCodeOf } from '../conversation.ts'
import type { ExitCode } from '../exit-code.ts'
import { type MeshOptions, positive, withMeshOptions } from '../options.ts'
import { repositoryState } from '../repository-state.ts'
import { rollCall } from '../roll-call.ts'
import { withAsker } from '../visitor.ts'
import type { World } from '../world.ts'

export interface AskCommandOptions extends MeshOptions {
  /** Seconds. */
  budget?: number
  scope?: 'best' | 'all'
  goal?: string
  context?: Json
  dir?: string
  /** Ask the agents even if the mesh knows the answer. */
  fresh?: boolean
}

const ROLL_CALL_MS = 3_000

export const describeAsk = (command: Command): Command =>
  withMeshOptions(
    command
      .description('Ask the mesh: agents that can help answer, build on each other, and conclude.')
      .argument('<query>', 'the question, in your own words')
      .option('--budget <seconds>', `how long it may take (default: ${QUESTION_DEFAULTS.budgetMs / 1000})`, positive)
      .addOption(new Option('--scope <scope>', 'whom to ask').choices(['best', 'all']).default('best'))
      .option('--goal <text>', 'what the answer is for')
      .option('--dir <folder>', 'a folder the question is about; the agents get its full path')
      .option('--context <json>', 'more that the agents should know, as JSON', parseJson)
      .option('--fresh', 'ask the agents, even if the mesh knows the answer already'),
  ).addHelpText(
    'after',
    `
The question and all that was said stay in the folder "cli": see amp-mesh spaces. What the mesh
has found once it answers at once, for a day, and as long as a repository in --dir has not changed.

Example:
  amp-mesh ask "Is this repository ready to release?" --dir .`,
  )

export function ask(query: string, options: AskCommandOptions, world: World): Promise<ExitCode> {
  return withAsker(world, options, async peer => {
    await rollCall(peer, { deadlineMs: ROLL_CALL_MS, signal: world.signal })
    return exitCodeOf(await converse(peer, query, await askOptions(options), world))
  })
}

async function askOptions({ budget, scope, goal, context, dir, fresh }: AskCommandOptions): Promise<AskOptions> {
  const state = dir === undefined || context !== undefined ? undefined : await repositoryState(resolve(dir))
  const given = dir === undefined ? context : { ...fields(context), dir: resolve(dir) }
  return {
    ...(budget !== undefined && { budgetMs: Math.round(budget * 1000) }),
    ...(scope !== undefined && { scope }),
    ...(goal !== undefined && { goal }),
    ...(given !== undefined && { context: given }),
    ...(state !== undefined && { about: state }),
    ...(fresh !== undefined && { fresh }),
  }
}

const fields = (context: Json | undefined): { [key: string]: Json } =>
  typeof context === 'object' && context !== null && !Array.isArray(context) ? context : {}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('It is not JSON, e.g. \'{"dir": "/repo"}\'.')
  }
}
