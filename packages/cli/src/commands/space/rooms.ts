/** `amp-mesh space <id> rooms`: where any y-websocket client attaches to a space, and what it shows to be let in. */
import { drafts } from '@amp-mesh/context'
import { AmpError, peerIdOf } from '@amp-mesh/protocol'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { plainText } from '../../render/plain-text.ts'
import { shortPeer } from '../../render/timeline.ts'
import type { StoredSpace } from '../../stored-space.ts'
import type { World } from '../../world.ts'

const ROOMS: readonly (readonly [room: string, says: string])[] = [
  ['graph', 'every record, to be read'],
  ['views', 'what this peer makes of them: statuses, conflicts, counters …'],
  ['outbox', 'push {k: …} into the array `commands`, and the peer says it as its own word'],
]

export async function rooms(
  { id, kept, records }: StoredSpace,
  _words: string[],
  _options: object,
  { terminal }: World,
): Promise<ExitCode> {
  const archive = kept?.archive
  if (archive?.rooms === undefined)
    throw new AmpError('bad-input', 'Only a peer that runs has rooms, an export has none.')
  const { token } = archive.rooms
  const url = archive.rooms.url(id)
  const texts = drafts(records).filter(({ next }) => next === undefined)
  const all = [...ROOMS, ...texts.map(({ record }) => [`draft/${record.id}`, plainText(record.op.title)] as const)]
  const protocols = ['amp.rooms', `amp.token.${token}`]
  const names = all.map(([room]) => room)
  terminal.tell({ type: 'rooms', space: id, peer: archive.identity.peerId, url, rooms: names, protocols }, style => {
    const { palette } = style
    const width = Math.max(...names.map(name => name.length))
    return [
      `${palette.strong('server')}  ${url}`,
      ...all.map(([room, says]) => `  ${palette.accent(room.padEnd(width))}  ${palette.quiet(says)}`),
      `${palette.strong('token')}   ${token}`,
      palette.quiet(
        `  whoever shows it speaks with the key of ${archive.name} ${shortPeer(peerIdOf(archive.identity.publicKey))}`,
      ),
      '',
      `new WebsocketProvider('${url}', 'graph', new Y.Doc(), { protocols: ['${protocols.join("', '")}'] })`,
    ]
  })
  return EXIT.ok
}
