/** `amp-mesh invite`: one line that makes whoever gets it a member of a closed mesh. */
import { type Command, InvalidArgumentError } from 'commander'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type OutputOptions, withOutputOptions } from '../options.ts'
import { plainText } from '../render/plain-text.ts'
import type { World } from '../world.ts'

export interface InviteOptions extends OutputOptions {
  mesh?: string
  dataDir?: string
  for?: string
  expires?: number
  delegate?: boolean
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const LONGEST_MS = 365 * 86_400_000

export const describeInvite = (command: Command): Command =>
  withOutputOptions(
    command
      .description('Invite somebody into a closed mesh: prints one line for `amp-mesh peer --invitation <line>`.')
      .option('--mesh <name>', 'name of the mesh (default: default)')
      .option('--for <peerId>', 'only that peer can use it (default: whoever has the line, once)')
      .option('--expires <time>', 'how long it can be used, e.g. 30m, 12h, 7d (default: 7d)', duration)
      .option('--delegate', 'whoever uses it may invite others, too')
      .option('--data-dir <folder>', 'where the keys of the mesh are kept'),
  ).addHelpText(
    'after',
    `
It is used up at a peer of yours, so one must run. What it was used for can be taken back: amp-mesh revoke <serial>.

Example:
  amp-mesh invite --mesh team --expires 12h`,
  )

export async function invite(options: InviteOptions, world: World): Promise<ExitCode> {
  const { mesh, dataDir, expires, delegate } = options
  const invited = await world.invite({
    ...(mesh !== undefined && { mesh }),
    ...(dataDir !== undefined && { dataDir }),
    ...(options.for !== undefined && { for: options.for }),
    ...(expires !== undefined && { opensMs: expires }),
    ...(delegate === true && { right: 'delegate' }),
  })
  const { text, addresses, invitation } = invited
  const { serial, right, until } = invitation
  const line = { type: 'invitation', mesh: invited.mesh, serial, right, until, addresses, invitation: text }
  world.terminal.tell(line, () => text)
  world.terminal.remark(
    `Into the mesh “${plainText(invited.mesh)}” as ${right}, once, until ${new Date(until).toISOString()}; ` +
      `serial ${serial}.`,
  )
  if (addresses.length === 0)
    world.terminal.remark('No peer of yours runs now: whoever uses it also needs --join <address of one that does>.')
  return EXIT.ok
}

/** `30m`, `12h`, `7d` in ms. */
function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)([mhd])$/.exec(text) ?? []
  const ms = Number(count) * (UNITS[unit] ?? Number.NaN)
  if (!(ms > 0 && ms <= LONGEST_MS))
    throw new InvalidArgumentError('It must be a time up to 365d, like 30m, 12h or 7d.')
  return ms
}
