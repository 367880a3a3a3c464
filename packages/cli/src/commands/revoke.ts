/** `amp-mesh revoke`: takes a membership or an invitation back, and tells the mesh. */
import { AmpError } from '@amp-mesh/protocol'
import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { meetingPoint } from '../meeting-point.ts'
import { type MeshOptions, withOutputOptions } from '../options.ts'
import { plainText } from '../render/plain-text.ts'
import { withMessenger } from '../visitor.ts'
import type { World } from '../world.ts'

export const describeRevoke = (command: Command): Command =>
  withOutputOptions(
    command
      .description(
        'Take somebody out of a closed mesh, or an invitation back. All peers that hear of it part with them.',
      )
      .argument('<peer-or-serial>', 'the id of a peer, or the serial that `amp-mesh invite` told')
      .option('--mesh <name>', 'name of the mesh (default: default)')
      .option('--join <address...>', 'peers to tell first (default: those running on this machine)')
      .option('--data-dir <folder>', 'where the keys of the mesh are kept'),
  ).addHelpText('after', '\nExample:\n  amp-mesh revoke 12D3KooW… --mesh team')

export async function revoke(what: string, options: MeshOptions, world: World): Promise<ExitCode> {
  const { mesh: name = 'default', dataDir } = options
  const place = { mesh: name, ...(dataDir !== undefined && { dataDir }) }
  const { mesh, serials, peers } = await world.revoke(what, place)
  const told = await tellMesh({ ...options, mesh: name }, world)
  const all = [...serials, ...peers].join(', ')
  world.terminal.tell(
    { type: 'revoked', mesh, serials, peers, told },
    ({ palette }) => `${palette.good('●')} taken back in the mesh ${palette.strong(plainText(mesh))}: ${all}`,
  )
  if (!told)
    world.terminal.remark('No peer could be told now: the next one of yours that joins the mesh will tell all.')
  if (peers.length > 0 && serials.length === 0)
    world.terminal.remark(
      'Only this peer’s own key: it was not seen here, so what let it in is not known. Revoke that by its serial.',
    )
  return EXIT.ok
}

/** A peer of this folder joins for a moment: what it knows was taken back, the others then know too. */
async function tellMesh(options: MeshOptions, world: World): Promise<boolean> {
  try {
    const join = await meetingPoint(options, world)
    if (join.length === 0) return false
    return await withMessenger(world, options, join, async peer => peer.peers().some(({ state }) => state !== 'known'))
  } catch (error) {
    if (error instanceof AmpError && error.code === 'unreachable') return false
    throw error
  }
}
