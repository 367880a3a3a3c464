/** `amp-mesh rotate`: a new key for a closed mesh, which succeeds the one there was. */
import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type OutputOptions, withOutputOptions } from '../options.ts'
import { plainText } from '../render/plain-text.ts'
import type { World } from '../world.ts'

export interface RotateOptions extends OutputOptions {
  mesh?: string
  dataDir?: string
}

export const describeRotate = (command: Command): Command =>
  withOutputOptions(
    command
      .description('Give a closed mesh a new key. The old one certifies the new one, and is then deleted here.')
      .option('--mesh <name>', 'name of the mesh (default: default)')
      .option('--data-dir <folder>', 'where the keys of the mesh are kept'),
  ).addHelpText(
    'after',
    `
Start your peers again after it. Memberships and open invitations stay good; members are certified by the new key
when they next dial a peer of yours. Once they were all there, revoke the old key: what only it made ends then.

Example:
  amp-mesh rotate --mesh team`,
  )

export async function rotate({ mesh, dataDir }: RotateOptions, world: World): Promise<ExitCode> {
  const rotated = await world.rotate({ ...(mesh !== undefined && { mesh }), ...(dataDir !== undefined && { dataDir }) })
  const { key, before } = rotated
  world.terminal.tell(
    { type: 'rotated', mesh: rotated.mesh, key, before },
    ({ palette }) => `${palette.good('●')} the mesh ${palette.strong(plainText(rotated.mesh))} has a new key`,
  )
  world.terminal.remark('Start your peers again: until then they speak for the old key.')
  world.terminal.remark(`When all members were there since: amp-mesh revoke ${before} --mesh ${rotated.mesh}`)
  return EXIT.ok
}
