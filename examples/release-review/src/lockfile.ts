/** What lock files pin: npm's in full, of the others which exist and what go.sum knows. */
import { oncePerRepository, type Repository, type TextFile } from './repository.ts'

export interface LockedPackage {
  readonly name: string
  readonly version: string
  readonly line: number
  readonly licence: string | undefined
  readonly installScript: boolean
}

export interface NpmLock {
  readonly file: TextFile
  /** What the lock was made from: name → specification. */
  readonly root: Readonly<Record<string, string>>
  readonly packages: readonly LockedPackage[]
}

/** Lock files each kind of manifest may have. */
export const LOCKS = {
  npm: [
    'package-lock.json',
    'npm-shrinkwrap.json',
    'yarn.lock',
    'pnpm-lock.yaml',
    'bun.lock',
    'bun.lockb',
    'deno.lock',
  ],
  python: ['uv.lock', 'poetry.lock', 'pdm.lock', 'Pipfile.lock', 'pylock.toml', 'requirements.lock'],
  requirements: [],
  go: ['go.sum'],
  cargo: ['Cargo.lock'],
} as const

interface LockEntry {
  name?: string
  version?: string
  license?: string
  hasInstallScript?: boolean
  link?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

/** The root's package-lock.json (lockfileVersion 2 or 3), if it is there and can be read. */
export const npmLock = oncePerRepository((repo: Repository): NpmLock | undefined => {
  const file = repo.files.get('package-lock.json')
  const entries = file === undefined ? undefined : parseEntries(file)
  if (file === undefined || entries === undefined) return undefined
  const lineOfKey = new Map(file.lines.map((line, i) => [/^ {4}"(.*)": \{$/.exec(line)?.[1], i + 1]))
  const packages: LockedPackage[] = []
  for (const [path, entry] of Object.entries(entries)) {
    const at = path.lastIndexOf('node_modules/')
    if (at < 0 || entry.link === true || entry.version === undefined) continue
    packages.push({
      name: entry.name ?? path.slice(at + 'node_modules/'.length),
      version: entry.version,
      line: lineOfKey.get(path) ?? 1,
      licence: typeof entry.license === 'string' ? entry.license : undefined,
      installScript: entry.hasInstallScript === true,
    })
  }
  const top = entries[''] ?? {}
  return { file, root: { ...top.devDependencies, ...top.optionalDependencies, ...top.dependencies }, packages }
})

function parseEntries(file: TextFile): Record<string, LockEntry> | undefined {
  try {
    const { packages } = JSON.parse(file.text) as { packages?: Record<string, LockEntry> }
    return packages !== null && typeof packages === 'object' ? packages : undefined
  } catch {
    return undefined
  }
}
