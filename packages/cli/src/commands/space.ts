/** `amp-mesh space <id> …`: one stored question, told again or looked into: what was said, when, and why. */
import { Argument, type Command } from 'commander'
import type { ExitCode } from '../exit-code.ts'
import { type OutputOptions, withWhereabouts } from '../options.ts'
import { type StoredSpace, type Whereabouts, withStoredSpace } from '../stored-space.ts'
import { TIME_HELP } from '../time-words.ts'
import type { World } from '../world.ts'
import { type ArtifactOptions, artifact, artifacts } from './space/artifact.ts'
import { at } from './space/at.ts'
import { diff } from './space/diff.ts'
import { exportSpace } from './space/export.ts'
import { type LogOptions, log } from './space/log.ts'
import { query } from './space/query.ts'
import { recall } from './space/recall.ts'
import { retell } from './space/retell.ts'
import { rooms } from './space/rooms.ts'
import { verifyFile, verifySpace } from './space/verify.ts'
import { why } from './space/why.ts'

type Look = (
  space: StoredSpace,
  words: string[],
  options: LogOptions & ArtifactOptions,
  world: World,
) => Promise<ExitCode>

const LOOKS: Readonly<Record<string, Look>> = {
  log,
  at,
  diff,
  why,
  query,
  recall,
  rooms,
  export: exportSpace,
  verify: verifySpace,
  artifacts,
  artifact,
}

export const describeSpace = (command: Command): Command =>
  withWhereabouts(
    command
      .description('Tell a stored question again, or look into it: what was said, when, and why.')
      .argument('<id>', 'its id, or the beginning of it (see amp-mesh spaces); or commons: what the mesh knows')
      .addArgument(
        new Argument('[what]', 'how to look at it; default: the story of the question').choices(Object.keys(LOOKS)),
      )
      .argument('[words...]', 'times, a record, a pattern, words, or a file: see below')
      .option('--file <export>', 'read it from an export, not from the folders of this machine')
      .option('--kind <kinds>', 'log: only these kinds of records, with commas: fact,verify')
      .option('--by <peer>', 'log: only of this peer: beginning or end of its id')
      .option('--agent <name>', 'log: only of this agent')
      .option('--since <time>', 'log: not before this time')
      .option('-o, --output <file>', 'artifact: where to put it (default: stdout)'),
  ).addHelpText(
    'after',
    `
What there is to see:
  log                every record in order of time, bookkeeping too
  at <time>          what was known then: facts with status, needs, conflicts, conclusion
  diff <t1> <t2>     what was said, seen otherwise and taken back in between
  why [record]       what a record (default: the conclusion) rests on, back to the question
  query <x=…> …      what fits all of s= p= o= kind= status= by= near= hops=, with who said and verified it
  recall <words>     what means most nearly the same, closest first
  rooms              where a y-websocket client attaches to it, and with which token
  export [file]      all of it as JSON lines that others can audit; ends in a signed digest
  artifacts          contents that were shared: what is here of them, and whose they are
  artifact <name>    one of them, to stdout or -o <file>
  verify [file]      check every signature, chain and rule again, of what is stored or of an export

Times: ${TIME_HELP}.
A record is named by its id or the beginning of it (one that begins with a dash goes last, after --).
A peer that runs is asked, one that does not is read.
Exit code 1 when verify finds anything wrong.

Example:
  amp-mesh space Zk3f log --kind fact,verify --since +2s
  amp-mesh space Zk3f diff +1s +5s
  amp-mesh space Zk3f why
  amp-mesh space Zk3f query kind=fact status=verified s=src/pay.ts
  amp-mesh space commons recall "is it ready to release"
  amp-mesh space Zk3f export review.jsonl && amp-mesh space Zk3f verify review.jsonl`,
  )

export function space(
  id: string,
  what: string | undefined,
  words: string[],
  options: LogOptions & ArtifactOptions & OutputOptions & Whereabouts,
  world: World,
): Promise<ExitCode> {
  const [file] = words
  if (what === 'verify' && file !== undefined) return verifyFile(id, file, world)
  const look: Look = what === undefined ? retell : (LOOKS[what] ?? retell)
  const where = { ...options, running: what === 'rooms' }
  return withStoredSpace(world, where, id, stored => look(stored, words, options, world))
}
