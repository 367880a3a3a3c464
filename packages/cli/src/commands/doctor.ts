/** `amp-mesh doctor`: whether this machine can run a mesh, and what to do if not. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { check } from '../check.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type OutputOptions, withOutputOptions } from '../options.ts'
import { plainText } from '../render/plain-text.ts'
import { startSpinner } from '../spinner.ts'
import type { World } from '../world.ts'

export interface DoctorOptions extends OutputOptions {
  dataDir?: string
}

export const describeDoctor = (command: Command): Command =>
  withOutputOptions(
    command
      .description('Check whether this machine can run a mesh.')
      .option('--data-dir <folder>', 'the folder to check (default: the one peers use)'),
  ).addHelpText('after', '\nExit code 1 when a check failed.\n\nExample:\n  amp-mesh doctor')

export async function doctor({ dataDir }: DoctorOptions, world: World): Promise<ExitCode> {
  const { terminal } = world
  const spinner = startSpinner(terminal, elapsed => `checking … ${elapsed}`)
  let failed = false
  try {
    for await (const one of check(world, dataDir === undefined ? await world.dataRoot() : resolve(dataDir))) {
      failed ||= one.level === 'fail'
      terminal.tell({ type: 'check', ...one }, ({ palette }) => {
        const mark = { ok: palette.good('✓'), warn: palette.warn('!'), fail: palette.bad('✗') }[one.level]
        const line = `${mark} ${one.name.padEnd(12)} ${plainText(one.detail)}`
        return one.next === undefined ? line : [line, palette.quiet(`    ${one.next}`)]
      })
      world.signal.throwIfAborted()
    }
  } finally {
    spinner.stop()
  }
  return failed ? EXIT.failure : EXIT.ok
}
