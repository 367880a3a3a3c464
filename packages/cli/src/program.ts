/** The command line: which commands there are, what surrounds them, and how they end. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { ask, describeAsk } from './commands/ask.ts'
import { conformance, describeConformance } from './commands/conformance.ts'
import { demo, describeDemo } from './commands/demo.ts'
import { describeDoctor, doctor } from './commands/doctor.ts'
import { describeFind, find } from './commands/find.ts'
import { describeInvite, invite } from './commands/invite.ts'
import { describeKeys, keys } from './commands/keys.ts'
import { describePeer, peer } from './commands/peer.ts'
import { describePeers, peers } from './commands/peers.ts'
import { describeRevoke, revoke } from './commands/revoke.ts'
import { describeRotate, rotate } from './commands/rotate.ts'
import { describeSpace, space } from './commands/space.ts'
import { describeSpaces, spaces } from './commands/spaces.ts'
import { describeWatch, watch } from './commands/watch.ts'
import { EXIT, EXIT_HELP, type ExitCode } from './exit-code.ts'
import { failureOf } from './failure.ts'
import type { OutputOptions } from './options.ts'
import { plainParagraphs } from './render/plain-text.ts'
import { createTerminal } from './terminal.ts'
import type { Surroundings, World } from './world.ts'

const ENVIRONMENT_HELP = `
Environment:
  AMP_MESH_JOIN                    addresses of peers to join, with blanks or commas between them
  OPENAI_BASE_URL, OPENAI_API_KEY  a model for agents that want one
  AMP_MESH_TOKEN                   the token of the gateway that conformance checks
  NO_COLOR                         no colours`

/** Runs the command that `argv` (without node and script) names; resolves with the exit code, and never rejects. */
export async function runProgram(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok
  const program = createProgram(surroundings, code => {
    exit = code
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : usageError(error, argv, surroundings)
    return failed(error, argv, surroundings)
  }
}

function createProgram(surroundings: Surroundings, ended: (code: ExitCode) => void): Command {
  const { stdout, stderr } = surroundings
  const program = new Command('amp-mesh')
    .description('A mesh of AI agents with no orchestrator.')
    .version(version())
    .addHelpText('after', EXIT_HELP + ENVIRONMENT_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: text => stdout.write(text),
      writeErr: text => stderr.write(text),
      outputError: () => {},
    })

  const worldOf = (options: OutputOptions): World => {
    const { json = false, verbose = false } = options
    return { ...surroundings, terminal: createTerminal(surroundings, { json, verbose, env: surroundings.env }) }
  }
  /** Adds a command whose arguments are `A`, then its options. */
  const add = <A extends unknown[], O extends OutputOptions>(
    name: string,
    describe: (command: Command) => Command,
    run: (...call: [...A, O, World]) => Promise<ExitCode>,
  ) =>
    describe(program.command(name)).action(async (...given: unknown[]) => {
      const command = given.at(-1) as Command
      const options = command.opts<O>()
      ended(await run(...(command.processedArgs as A), options, worldOf(options)))
    })

  add('demo', describeDemo, demo)
  add('peer', describePeer, peer)
  add('ask', describeAsk, ask)
  add('find', describeFind, find)
  add('peers', describePeers, peers)
  add('spaces', describeSpaces, spaces)
  add('space', describeSpace, space)
  add('watch', describeWatch, watch)
  add('invite', describeInvite, invite)
  add('revoke', describeRevoke, revoke)
  add('rotate', describeRotate, rotate)
  add('doctor', describeDoctor, doctor)
  add('keys', describeKeys, keys)
  add('conformance', describeConformance, conformance)
  return program
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}

function usageError(error: CommanderError, argv: readonly string[], surroundings: Surroundings): ExitCode {
  if (error.code === 'commander.help') return EXIT.usage // the help itself was the answer to a bare `amp-mesh`
  const message = error.message.replace(/^error: /, '')
  // the id of a record may well begin with a dash
  const dashed = error.code === 'commander.unknownOption' && argv[0] === 'space'
  const next = dashed ? 'An id that begins with a dash goes last, after --: amp-mesh space Zk3f why -- -4bX' : undefined
  tellFailure({ code: 'bad-input', message, next: next ?? 'See amp-mesh --help.' }, argv, surroundings)
  return EXIT.usage
}

function failed(error: unknown, argv: readonly string[], surroundings: Surroundings): ExitCode {
  if (surroundings.signal.aborted) return EXIT.interrupted
  const failure = failureOf(error)
  tellFailure(failure, argv, surroundings)
  if (argv.includes('--verbose') && error instanceof Error)
    surroundings.stderr.write(`${plainParagraphs(error.stack ?? '').join('\n')}\n`)
  return failure.exit
}

/** On stderr for people; with --json on stdout, where the program that reads us looks. */
function tellFailure(
  { code, message, next }: { code: string; message: string; next?: string },
  argv: readonly string[],
  surroundings: Surroundings,
): void {
  const { stdout, stderr, env } = surroundings
  const terminal = createTerminal({ stdout, stderr }, { json: argv.includes('--json'), verbose: false, env })
  if (terminal.json) terminal.tell({ type: 'error', code, message, next }, () => [])
  terminal.remark(`amp-mesh: ${message}${next === undefined ? '' : `\n  ${next}`}`)
}
