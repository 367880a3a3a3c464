/** `amp-mesh space <id> verify [file]`: every signature, chain and rule checked again, offline. */
import { type Audit, begunLate } from '@amp-mesh/context/history'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { count } from '../../render/figures.ts'
import { wrap } from '../../render/plain-text.ts'
import { auditFile, type StoredSpace } from '../../stored-space.ts'
import type { World } from '../../world.ts'

/** What is stored here. */
export async function verifySpace(
  { audit }: StoredSpace,
  _words: string[],
  _options: object,
  world: World,
): Promise<ExitCode> {
  return tell(audit, world)
}

/** An export, without a look at anything stored here. */
export async function verifyFile(id: string, file: string, world: World): Promise<ExitCode> {
  const audit = await auditFile(world, file)
  const isOther = audit.space !== '' && !audit.space.startsWith(id)
  const other = { where: 'line 1', code: 'bad-genesis', why: `this is the space ${audit.space}, not ${id}` } as const
  return tell(isOther ? { ...audit, findings: [other, ...audit.findings] } : audit, world)
}

function tell({ space, ledger, segments, findings, signed }: Audit, { terminal }: World): ExitCode {
  for (const finding of findings)
    terminal.tell({ type: 'finding', ...finding }, ({ palette, width }) => {
      const [first = '', ...more] = wrap(`${finding.where}: ${finding.why}`, width - 2)
      return [`${palette.bad('✗')} ${first}`, ...more.map(line => `  ${line}`)]
    })
  const all = [...(ledger?.records() ?? [])]
  const records = all.filter(({ op }) => op !== undefined)
  const authors = new Set(records.map(({ by }) => by)).size
  const opaque = all.length - records.length
  const ok = findings.length === 0
  const late = ledger === undefined ? [] : begunLate(ledger)
  const notHeld = late.reduce((sum, { trunk }) => sum + trunk.start, 0)
  const figures = { records: records.length, opaque, authors, segments, notHeld, findings: findings.length }
  terminal.tell({ type: 'verified', ok, space, ...figures, by: signed?.by, at: signed?.time }, ({ palette, width }) => {
    const what = `${count(records.length, 'record')} of ${count(authors, 'author')} in ${count(segments, 'segment')}`
    if (!ok) return palette.bad(`${count(findings.length, 'finding')} · ${what} passed the rules`)
    const rest = opaque > 0 ? `, and ${opaque} that this version can't read` : ''
    return [
      `${palette.good('✓')} ${what}${rest}: every signature, chain and rule holds`,
      ...(late.length === 0
        ? []
        : wrap(beforeCheckpoints(late.length, notHeld), width - 2).map(line => palette.quiet(`  ${line}`))),
      ...(signed === undefined
        ? []
        : [palette.quiet(`  exported by ${signed.by} at ${new Date(signed.time).toISOString()}`)]),
    ]
  })
  return ok ? EXIT.ok : EXIT.failure
}

const beforeCheckpoints = (logs: number, entries: number): string =>
  `${count(entries, 'entry', 'entries')} before the checkpoints of ${count(logs, 'log')} not held: what is still ` +
  'alive of that its authors signed, and a quorum of verifiers acknowledged'
