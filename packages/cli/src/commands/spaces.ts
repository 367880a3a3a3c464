/** `amp-mesh spaces`: the questions stored on this machine, oldest first. */
import { conclusion, question } from '@amp-mesh/context'
import { isCommons } from '@amp-mesh/protocol'
import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type OutputOptions, withWhereabouts } from '../options.ts'
import { count } from '../render/figures.ts'
import { cut, plainText } from '../render/plain-text.ts'
import { type StoredSpace, storedSpaces, type Whereabouts } from '../stored-space.ts'
import type { World } from '../world.ts'

export const describeSpaces = (command: Command): Command =>
  withWhereabouts(command.description('List the questions stored on this machine.')).addHelpText(
    'after',
    '\nExample:\n  amp-mesh spaces\n  amp-mesh spaces --folder history',
  )

export async function spaces(options: OutputOptions & Whereabouts, world: World): Promise<ExitCode> {
  const stored: ReturnType<typeof summary>[] = []
  for await (const space of storedSpaces(world, options)) if (!isCommons(space.genesis)) stored.push(summary(space))
  stored.sort((a, b) => a.time - b.time)
  for (const one of stored) {
    world.terminal.tell({ type: 'space', ...one }, ({ palette, width }) => {
      const when = new Date(one.time).toISOString().slice(0, 16).replace('T', ' ')
      const end = one.concluded ? palette.good('concluded') : palette.warn('open     ')
      const size = count(one.records, 'record').padStart(12)
      const query = cut(plainText(one.query), Math.max(20, width - 88))
      return `${one.id}  ${palette.quiet(when)}  ${end} ${size}  ${query}`
    })
  }
  if (stored.length === 0)
    world.terminal.remark('No question is stored here yet. Ask one with `amp-mesh ask "<query>"`.')
  return EXIT.ok
}

function summary({ id, genesis, records }: StoredSpace) {
  const asked = question(records, genesis)
  return {
    id,
    query: asked?.op.query ?? genesis.name,
    time: asked?.time ?? 0,
    records: records.size,
    authors: new Set([...records.all()].map(record => record.by)).size,
    concluded: conclusion(records, genesis).synthesis !== undefined,
  }
}
