/** An earlier version of this repository, as it was committed: unpacked into a folder of its own, to be run. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../source-tree.ts'

/** The last commit before streams and closed meshes: protocol 1.0, open meshes only. */
export const BEFORE_STREAMS = '273b2e2'

/** Why it cannot be had here; undefined where it can: a copy of the sources has no history. */
export function whyNoVersion(commit: string): string | undefined {
  try {
    execFileSync('git', ['-C', ROOT, 'cat-file', '-e', `${commit}^{commit}`], { stdio: 'pipe' })
    return undefined
  } catch {
    return `the commit ${commit} is not in the history here`
  }
}

export class ReleasedVersion {
  readonly folder: string

  /** Its own packages, and what they depend on as it is installed here. */
  constructor(commit: string) {
    this.folder = mkdtempSync(join(tmpdir(), 'amp-version-'))
    const archive = execFileSync('git', ['-C', ROOT, 'archive', commit], { maxBuffer: 256 * 1024 * 1024 })
    execFileSync('tar', ['-x', '-C', this.folder], { input: archive })
    const installed = join(ROOT, 'node_modules')
    const modules = join(this.folder, 'node_modules')
    mkdirSync(modules)
    for (const name of readdirSync(installed))
      if (name !== '@amp-mesh' && name !== 'amp-mesh') symlinkSync(join(installed, name), join(modules, name))
    mkdirSync(join(modules, '@amp-mesh'))
    for (const name of readdirSync(join(installed, '@amp-mesh'))) {
      const own = realpathSync(join(installed, '@amp-mesh', name)).replace(realpathSync(ROOT), this.folder)
      symlinkSync(own, join(modules, '@amp-mesh', name))
    }
  }

  file(path: string): string {
    return join(this.folder, path)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
