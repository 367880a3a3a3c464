/** `amp-mesh demo`, what `npm start` runs: seven agents in seven processes review a repository; nobody is in charge. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Answer, Peer } from '@amp-mesh/peer'
import { AmpError } from '@amp-mesh/protocol'
import type { Command } from 'commander'
import { converse, exitCodeOf } from '../conversation.ts'
import { type Crew, startCrew } from '../crew.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type OutputOptions, positive, withOutputOptions } from '../options.ts'
import { plainText } from '../render/plain-text.ts'
import { repositoryState } from '../repository-state.ts'
import { rollCall } from '../roll-call.ts'
import { withTemporaryFolder } from '../temporary-folder.ts'
import { withPeer } from '../visitor.ts'
import type { World } from '../world.ts'

export interface DemoOptions extends OutputOptions {
  dir?: string
  /** How many, or their names with commas. */
  agents?: string
  /** Seconds. */
  budget: number
  question?: string
  dataDir?: string
}

const MESH = 'demo'
/** Seven processes on two busy cores start within 10 s; after this something is wrong. */
const START_MS = 30_000

export const describeDemo = (command: Command): Command =>
  withOutputOptions(
    command
      .description('Seven agents in seven processes answer together: is this repository ready to release?')
      .option('--dir <folder>', 'the git repository to look at (default: the one you are in)')
      .option('--agents <n|names>', 'only so many of the seven, or only these: history,tests')
      .option('--budget <seconds>', 'how long a question may take', positive, 25)
      .option('--question <text>', 'ask something else')
      .option('--data-dir <folder>', 'keep what was said (default: a temporary folder)'),
  ).addHelpText('after', '\nExample:\n  amp-mesh demo --dir ~/projects/my-library')

export async function demo(options: DemoOptions, world: World): Promise<ExitCode> {
  const dir = await repositoryAt(options.dir ?? '.')
  const files = chosen(await agentFiles(), options.agents)
  if (options.dataDir !== undefined) return perform(files, dir, resolve(options.dataDir), options, world)
  return withTemporaryFolder(dataDir => perform(files, dir, dataDir, options, world))
}

async function perform(
  files: string[],
  dir: string,
  dataDir: string,
  { question, budget }: DemoOptions,
  world: World,
): Promise<ExitCode> {
  const page = await world.pageSite()
  const init = { mesh: MESH, join: [], dataDir, name: 'asker', page: page.handler }
  return withPeer(world, init, async asker => {
    page.show(asker)
    const crew = startCrew({ files, join: addressOf(asker), mesh: MESH, dataDir })
    try {
      await Promise.race([assembled(asker, files.length, world), crew.broken])
      const ask = async (query: string, fresh = false) => {
        const about = await repositoryState(dir)
        const state = about === undefined ? {} : { about }
        return converse(asker, query, { context: { dir }, ...state, fresh, budgetMs: budget * 1000 }, world)
      }
      // shown whatever a folder kept from last time knows
      const answer = await ask(question ?? (await releaseQuestion()), true)
      if (!world.terminal.interactive || world.signal.aborted) return exitCodeOf(answer)
      const url = page.url(asker.addresses(), { folder: dir })
      if (url !== undefined) world.terminal.remark(`\nThe same in a browser, with a peer of its own there: ${url}`)
      return await furtherQuestions(ask, crew, world)
    } finally {
      world.terminal.clearStatus()
      await crew.stop()
    }
  })
}

/** Waits until the asker's directory knows everybody. */
async function assembled(asker: Peer, expected: number, { terminal, signal }: World): Promise<void> {
  const tell = (found: number) => terminal.status(`starting: ${found} of ${expected} agents found`)
  tell(0)
  const found = await rollCall(asker, {
    enough: agents => agents.length >= expected,
    deadlineMs: START_MS,
    onArrival: agents => tell(agents.length),
    signal,
  })
  if (found.length === 0)
    throw new AmpError('no-agents', `None of ${expected} agents was found within ${START_MS / 1000} s.`)
  if (found.length < expected) terminal.remark(`Only ${found.length} of ${expected} agents came; going on with them.`)
}

/** Before a person: whatever else they want to know, until an empty line, Ctrl-D or Ctrl-C. */
async function furtherQuestions(ask: (query: string) => Promise<Answer>, crew: Crew, world: World): Promise<ExitCode> {
  for (;;) {
    const query = await Promise.race([world.prompt('\nAnother question (empty: end) › '), crew.broken])
    if (query === undefined || query.trim() === '' || world.signal.aborted) return EXIT.ok
    await ask(query.trim())
  }
}

/** The top level of the git repository that `folder` lies in. Throws `bad-input`. */
async function repositoryAt(folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', folder, 'rev-parse', '--show-toplevel'])
    return stdout.trim()
  } catch (error) {
    throw new AmpError(
      'bad-input',
      `${plainText(resolve(folder))} is not in a git repository. Name one with --dir <folder>.`,
      undefined,
      error,
    )
  }
}

/** The agent files of the example, in order of name. Found, not imported: each process loads only its own. */
async function agentFiles(): Promise<string[]> {
  const folder = new URL('./agents/', import.meta.resolve('@amp-mesh/example-release-review'))
  const names = (await readdir(folder)).filter(name => /(?<!\.d)\.[jt]s$/.test(name)).sort()
  return names.map(name => fileURLToPath(new URL(name, folder)))
}

function chosen(files: string[], wish: string | undefined): string[] {
  if (wish === undefined) return files
  if (/^\d+$/.test(wish) && Number(wish) > 0) return files.slice(0, Number(wish))
  const nameOf = (file: string) => basename(file, extname(file))
  return wish.split(',').map(name => {
    const file = files.find(each => nameOf(each) === name.trim())
    if (file !== undefined) return file
    throw new AmpError(
      'bad-input',
      `No agent “${plainText(name)}” in the demo. There are: ${files.map(nameOf).join(', ')}.`,
    )
  })
}

async function releaseQuestion(): Promise<string> {
  const { QUESTION } = await import('@amp-mesh/example-release-review')
  return QUESTION
}

function addressOf(peer: Peer): string {
  const [address] = peer.addresses()
  if (address === undefined) throw new AmpError('unreachable', 'The asker has no address that others could dial.')
  return address
}
