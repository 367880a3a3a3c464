/** Where a program lies that tests start: bundled, where `bundle.ts` did so for this run, or as it is. */
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** A path for `node`. Who loads it with hooks of its own that change single modules starts the source instead. */
export function program(source: URL): string {
  const path = fileURLToPath(source)
  const { AMP_PROGRAMS } = process.env
  if (AMP_PROGRAMS === undefined) return path
  const bundled = join(AMP_PROGRAMS, relative(ROOT, path).replace(/\.ts$/, '.js'))
  if (!existsSync(bundled)) throw new Error(`${path} is not bundled: add it to PROGRAMS in test/bundle.ts`)
  return bundled
}
