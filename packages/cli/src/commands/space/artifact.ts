/** `amp-mesh space <id> artifacts` and `artifact <name> [-o file]`: contents too large for a record. */
import { writeFile } from 'node:fs/promises'
import { type Records, Shelf } from '@amp-mesh/context'
import { AmpError, peerIdOf, portableHash, type Rec } from '@amp-mesh/protocol'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { size } from '../../render/figures.ts'
import { cut, pad, plainText } from '../../render/plain-text.ts'
import { nameOf, shortId } from '../../render/record-line.ts'
import type { StoredSpace } from '../../stored-space.ts'
import type { World } from '../../world.ts'

export interface ArtifactOptions {
  /** A file that is not there yet. */
  output?: string
}

export async function artifacts(
  space: StoredSpace,
  _words: string[],
  _options: object,
  { terminal }: World,
): Promise<ExitCode> {
  const shelf = await shelfOf(space)
  const shared = space.records.of('artifact')
  for (const record of shared) {
    const { id, by, op } = record
    const { name, mediaType, bytes, agent } = op
    const held = shelf?.held(op) ?? 0
    const peer = peerIdOf(by)
    terminal.tell({ type: 'artifact', id, name, mediaType, bytes, sha256: op.sha256, peer, agent, held }, style => {
      const { palette, width } = style
      const part = held === 1 ? palette.good('here  ') : palette.warn(`${Math.floor(held * 100)} %`.padEnd(6))
      const room = Math.max(20, width - 44)
      return [
        `${shortId(id)}  ${part}  ${size(bytes).padStart(8)}  ${pad(cut(nameOf(record), 14), 14)}  ` +
          cut(`${plainText(name)} ${palette.quiet(plainText(mediaType))}`, room),
      ]
    })
  }
  if (shared.length === 0) terminal.remark('No artifact is shared in this space.')
  return EXIT.ok
}

/** To stdout without a file, but not before a person: contents may be anything. */
export async function artifact(
  space: StoredSpace,
  [word = '']: string[],
  { output }: ArtifactOptions,
  { terminal, stdout }: World,
): Promise<ExitCode> {
  if (output === undefined && terminal.interactive)
    throw new AmpError('bad-input', 'Say where to put it: -o <file>. A terminal may not take what is in it.')
  const record = theOne(space.records, word)
  const bytes = await (await shelfOf(space))?.read(record.op)
  if (bytes === undefined)
    throw new AmpError(
      'unreachable',
      `What ${plainText(record.op.name)} holds is not whole in this folder; look into another member's with --folder.`,
    )
  if (output === undefined) {
    stdout.write(bytes)
    return EXIT.ok
  }
  await writeFile(output, bytes, { flag: 'wx' }).catch(cause => {
    throw new AmpError('bad-input', `${plainText(output)} can't be written: ${String(cause)}`, undefined, cause)
  })
  const { name, sha256: hash } = record.op
  terminal.tell({ type: 'written', id: record.id, name, file: output, bytes: bytes.length, sha256: hash }, style => [
    `${style.palette.good('✓')} ${plainText(output)}: ${size(bytes.length)}, as ${nameOf(record)} signed it`,
  ])
  return EXIT.ok
}

/** Undefined for a space that was read from an export, which holds no artifacts. */
async function shelfOf({ id, kept }: StoredSpace): Promise<Shelf | undefined> {
  return kept && Shelf.open(kept.archive.storage, id, portableHash)
}

/** By its name, the latest one of that name; else by the beginning of its id. */
function theOne(records: Records, word: string): Rec<'artifact'> {
  const shared = records.of('artifact')
  const found =
    shared.findLast(({ op }) => op.name === word) ?? shared.find(({ id }) => word !== '' && id.startsWith(word))
  if (found === undefined)
    throw new AmpError(
      'no-such-record',
      `No artifact “${plainText(word)}” is shared here: \`space <id> artifacts\` lists them.`,
    )
  return found
}
