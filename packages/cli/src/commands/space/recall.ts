/** `amp-mesh space <id> recall "<words>"`: records that mean most nearly the same, closest first. */
import { AmpError } from '@amp-mesh/protocol'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { tellKnown } from '../../render/known.ts'
import type { StoredSpace } from '../../stored-space.ts'
import type { World } from '../../world.ts'
import { graphOf } from './graph.ts'

const SHOWN = 10

export async function recall(
  space: StoredSpace,
  words: string[],
  _options: object,
  { terminal, signal }: World,
): Promise<ExitCode> {
  if (words.length === 0) throw new AmpError('bad-input', 'Say what to recall: `amp-mesh space <id> recall "<words>"`.')
  const found = await graphOf(space).recall(words.join(' '), SHOWN, signal)
  for (const known of found) tellKnown(known, terminal, known.similarity)
  if (found.length === 0) terminal.remark('Nothing here means anything like it.')
  return EXIT.ok
}
