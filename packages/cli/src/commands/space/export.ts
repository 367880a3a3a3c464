/** `amp-mesh space <id> export [file]`: all of a space as JSON lines, signed by the peer that kept it. */
import { open } from 'node:fs/promises'
import { exportLines } from '@amp-mesh/context/history'
import { AmpError, fromUtf8 } from '@amp-mesh/protocol'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { size } from '../../render/figures.ts'
import { plainText } from '../../render/plain-text.ts'
import type { StoredSpace } from '../../stored-space.ts'
import type { World } from '../../world.ts'

/** To stdout without a file. A file that is there already is never written over. */
export async function exportSpace(
  { id, kept }: StoredSpace,
  [path]: string[],
  _options: object,
  { terminal, stdout, verifier }: World,
): Promise<ExitCode> {
  if (kept === undefined) throw new AmpError('bad-input', 'This is an export already: copy it as it is.')
  const { bytes, archive } = kept
  const lines = exportLines(bytes, { identity: archive.identity, verify: await verifier(), time: Date.now() })
  if (path === undefined) {
    for await (const line of lines) stdout.write(fromUtf8(line))
    return EXIT.ok
  }
  const file = await open(path, 'wx').catch(cause => {
    throw new AmpError('bad-input', `${plainText(path)} can't be written: ${String(cause)}`, undefined, cause)
  })
  const written = { lines: 0, bytes: 0 }
  try {
    for await (const line of lines) {
      await file.write(line)
      written.lines++
      written.bytes += line.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  const by = archive.identity.peerId
  terminal.tell({ type: 'exported', space: id, file: path, ...written, by }, ({ palette }) => [
    `${palette.good('✓')} ${written.lines} lines, ${size(written.bytes)}, signed by ${by}`,
    palette.quiet(`  Anybody can check it, offline: amp-mesh space ${id.slice(0, 8)} verify ${plainText(path)}`),
  ])
  return EXIT.ok
}
