/** `amp-mesh space <id> log`: every record in order of time, or those that are asked for. */
import { chronicle } from '@amp-mesh/context/history'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { recordLine } from '../../render/json-line.ts'
import { renderRecord } from '../../render/record-line.ts'
import type { StoredSpace } from '../../stored-space.ts'
import { timeIn } from '../../time-words.ts'
import type { World } from '../../world.ts'
import { frameOf } from './frame.ts'
import { kindsIn } from './kinds.ts'

export interface LogOptions {
  /** With commas. */
  kind?: string
  by?: string
  agent?: string
  since?: string
}

export async function log(
  space: StoredSpace,
  _words: string[],
  { kind, by, agent, since }: LogOptions,
  { terminal }: World,
): Promise<ExitCode> {
  const { records } = space
  const told = chronicle(records, {
    ...(kind !== undefined && { kinds: new Set(kindsIn(kind)) }),
    ...(by !== undefined && { by }),
    ...(agent !== undefined && { agent }),
    ...(since !== undefined && { since: timeIn([since], frameOf(space)) }),
  })
  for (const record of told) {
    const standing = records.standing(record.id) ?? 'live'
    const note = { live: '', retracted: 'taken back', superseded: 'replaced later' }[standing]
    terminal.tell({ ...recordLine(record), standing }, style => renderRecord(record, style, note))
  }
  if (told.length === 0) terminal.remark('No such record.')
  return EXIT.ok
}
