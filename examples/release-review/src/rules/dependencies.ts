/**
 * What manifests and lock files tell: what is not pinned, not locked, doubled, runs on installation,
 * is licensed how.
 */

import { posix } from 'node:path'
import type { Finding, Rule } from '../findings.ts'
import { LOCKS, npmLock } from '../lockfile.ts'
import { type Dependency, isRoot, lineOf, type Manifest, manifestsOf } from '../manifest.ts'
import type { Repository } from '../repository.ts'
import { many } from '../wording.ts'

const measured: Rule = {
  id: 'dependencies.measured',
  severity: 'info',
  doc: 'How many manifests and dependencies were read.',
  derive(repo) {
    const manifests = manifestsOf(repo)
    const dependencies = manifests.reduce((sum, manifest) => sum + manifest.dependencies.length, 0)
    const direct = many(dependencies, 'direct dependency', 'direct dependencies')
    const text = `read ${many(manifests.length, 'manifest')} with ${direct}`
    const source = manifests[0] === undefined ? { commit: repo.head } : { file: manifests[0].file.path, line: 1 }
    return [{ subject: 'dependencies', value: { manifests: manifests.length, dependencies }, text, source }]
  },
}

const publishedPackage: Rule = {
  id: 'dependencies.package',
  severity: 'info',
  doc: 'The package the root manifest publishes: name, version, licence, which files.',
  derive(repo) {
    const manifest = manifestsOf(repo).find(m => isRoot(m.file) && m.name !== undefined && m.kind !== 'requirements')
    if (manifest?.name === undefined || manifest.private || manifest.kind === 'go') return []
    const value = { licence: manifest.licence ?? null, files: manifest.published?.length ?? null }
    const files = manifest.kind !== 'npm' ? '' : manifest.published === undefined ? ', all files' : ', listed files'
    const text = `publishes ${manifest.name}${files}, licence ${manifest.licence ?? 'not stated'}`
    return [at(manifest, /^\s*"?name"?\s*[:=]/, manifest.name, value, text)]
  },
}

const missingLock: Rule = {
  id: 'dependencies.missing-lock',
  severity: 'minor',
  doc: 'A root manifest with dependencies and no lock file beside it.',
  derive(repo) {
    return manifestsOf(repo)
      .filter(manifest => isRoot(manifest.file) && manifest.kind !== 'requirements')
      .filter(manifest => manifest.dependencies.length > 0 && !LOCKS[manifest.kind].some(name => repo.paths.has(name)))
      .map(manifest => {
        const count = many(manifest.dependencies.length, 'dependency', 'dependencies')
        const text = `${manifest.file.path} has ${count} and no lock file`
        return at(
          manifest,
          /dependencies|require/,
          manifest.file.path,
          { dependencies: manifest.dependencies.length },
          text,
        )
      })
  },
}

const lockOutOfStep: Rule = {
  id: 'dependencies.lock-out-of-step',
  severity: 'major',
  doc: 'The lock was made from other dependencies than the manifest has now.',
  derive(repo) {
    const lock = npmLock(repo)
    const sums = repo.files.get('go.sum')?.text
    return manifestsOf(repo)
      .filter(manifest => isRoot(manifest.file))
      .flatMap(manifest => {
        if (manifest.kind === 'npm' && lock !== undefined)
          return each(manifest, dependency => {
            const locked = lock.root[dependency.name]
            if (locked === dependency.spec) return undefined
            const { name, spec } = dependency
            const text = `${name} is ${spec} in package.json and ${locked ?? 'missing'} in the lock`
            return { value: { manifest: spec, lock: locked ?? null }, text }
          })
        if (manifest.kind === 'go' && sums !== undefined && !repo.paths.has('go.work'))
          return each(manifest, ({ name, spec }) =>
            spec.startsWith('file:') || isReplaced(manifest, name) || sums.includes(`${name} ${spec}`)
              ? undefined
              : { value: { manifest: spec, lock: null }, text: `go.sum has no sum of ${name} ${spec}` },
          )
        return []
      })
  },
}

const unpinned: Rule = {
  id: 'dependencies.unpinned',
  severity: 'minor',
  doc: 'A dependency that may become anything: `*`, `latest`, no version, a branch; in Go, one commit.',
  derive(repo) {
    return manifestsOf(repo).flatMap(manifest =>
      each(manifest, dependency => {
        if (!isUnpinned(manifest, dependency)) return undefined
        const spec = dependency.spec === '' ? 'no version' : `“${dependency.spec}”`
        const text = `${dependency.name} is not pinned: ${spec}`
        return { value: { spec: dependency.spec }, text }
      }),
    )
  },
}

const localPath: Rule = {
  id: 'dependencies.local-path',
  severity: 'major',
  doc: 'A dependency taken from a folder outside the repository: nobody else has it.',
  derive(repo) {
    return manifestsOf(repo).flatMap(manifest =>
      each(manifest, ({ name, spec }) => {
        const path = /(?:^|@\s*)(?:file|link):(?:\/\/)?(\S+)$/.exec(spec)?.[1]
        if (path === undefined) return undefined
        const target = posix.join(posix.dirname(manifest.file.path), path)
        if (!path.startsWith('/') && !target.startsWith('..')) return undefined
        return { value: { path }, text: `${name} comes from ${path}, outside the repository` }
      }),
    )
  },
}

const duplicated: Rule = {
  id: 'dependencies.duplicated',
  severity: 'minor',
  doc: 'A direct dependency twice: listed twice, or locked in several versions.',
  derive(repo) {
    return manifestsOf(repo)
      .filter(manifest => isRoot(manifest.file))
      .flatMap(manifest => [...doublesIn(manifest), ...(manifest.kind === 'npm' ? doublesInLock(repo, manifest) : [])])
  },
}

const installScript: Rule = {
  id: 'dependencies.install-script',
  severity: 'minor',
  doc: 'Code that may run when somebody installs: an install script, a setup.py with commands.',
  derive(repo) {
    const locked = npmLock(repo)
    const inLock = (locked?.packages ?? [])
      .filter(entry => entry.installScript)
      .map(entry =>
        finding(
          locked?.file.path ?? '',
          entry.line,
          entry.name,
          { version: entry.version },
          `${entry.name} ${entry.version} has an install script`,
        ),
      )
    const own = manifestsOf(repo)
      .filter(manifest => isRoot(manifest.file) && !manifest.private)
      .flatMap(manifest =>
        ['preinstall', 'install', 'postinstall']
          .filter(name => manifest.scripts[name] !== undefined)
          .map(name =>
            at(
              manifest,
              new RegExp(`"${name}"\\s*:`),
              name,
              { script: manifest.scripts[name] ?? '' },
              `the package itself runs “${manifest.scripts[name]}” on ${name}`,
            ),
          ),
      )
    const setup = repo.files.get('setup.py')
    const line = setup === undefined ? 1 : lineOf(setup, /^\s*cmdclass\s*=|os\.system\(|subprocess\./)
    const runs = setup !== undefined && line > 1
    const text = 'setup.py runs commands of its own when it is installed'
    return [...inLock, ...own, ...(runs ? [finding('setup.py', line, 'setup.py', { line }, text)] : [])]
  },
}

/** Licences that ask of the whole work what a permissive licence does not. */
const COPYLEFT = /^\(?(A?GPL|SSPL|EUPL|CC-BY-NC|BUSL)/i

const licence: Rule = {
  id: 'dependencies.licence',
  severity: 'major',
  doc: 'A locked dependency under a strong copyleft or no licence in a package that is not under it itself.',
  derive(repo) {
    const lock = npmLock(repo)
    const own = manifestsOf(repo).find(manifest => manifest.file.path === 'package.json')?.licence ?? ''
    if (lock === undefined || COPYLEFT.test(own)) return []
    return lock.packages
      .filter(entry => entry.licence !== undefined && (COPYLEFT.test(entry.licence) || entry.licence === 'UNLICENSED'))
      .filter(entry => !/\bOR\b/.test(entry.licence ?? ''))
      .map(entry => {
        const ours = own || 'no stated licence'
        const text = `${entry.name} ${entry.version} is under ${entry.licence}, this package under ${ours}`
        return finding(lock.file.path, entry.line, entry.name, { licence: entry.licence ?? '' }, text)
      })
  },
}

const noLicenceField: Rule = {
  id: 'dependencies.no-licence-field',
  severity: 'minor',
  doc: 'A public root manifest that names no licence.',
  derive(repo) {
    return manifestsOf(repo)
      .filter(manifest => isRoot(manifest.file) && manifest.name !== undefined && !manifest.private)
      .filter(manifest => ['npm', 'python', 'cargo'].includes(manifest.kind) && manifest.licence === undefined)
      .map(manifest => {
        const text = `${manifest.file.path} names no licence`
        return at(manifest, /^\s*"?name"?\s*[:=]/, manifest.file.path, { licence: null }, text)
      })
  },
}

export const dependencyRules: readonly Rule[] = [
  measured,
  publishedPackage,
  missingLock,
  lockOutOfStep,
  unpinned,
  localPath,
  duplicated,
  installScript,
  licence,
  noLicenceField,
]

function isUnpinned(manifest: Manifest, { name, spec, development }: Dependency): boolean {
  if (manifest.kind === 'go')
    return !development && /-0?\.?\d{14}-[0-9a-f]{12}$/.test(spec) && !isReplaced(manifest, name)
  if (/^(file|link|workspace|catalog|npm):/.test(spec)) return false
  if (/^(git|https?|github:)|^[\w.-]+\/[\w.-]+(#|$)|^@\s*\S+:/.test(spec))
    return !/[#@][0-9a-f]{40}\b|sha256/.test(spec)
  if (manifest.kind === 'npm') return /^(\*|x|latest|next|)$|^>=?\s*[\d.]+$/.test(spec.trim())
  // Python libraries and their groups bound from below by custom, so only a missing bound counts
  return manifest.kind === 'cargo' ? spec === '*' : !development && (spec === '' || spec === '*')
}

const isReplaced = (manifest: Manifest, name: string) =>
  manifest.dependencies.some(other => other.name === name && other.spec.startsWith('file:'))

function doublesIn(manifest: Manifest): Finding[] {
  const seen = new Map<string, Dependency>()
  const found: Finding[] = []
  for (const dependency of manifest.dependencies) {
    if (manifest.kind === 'python' && dependency.development) continue // optional groups may repeat each other
    // Go writes the major version into the module's name
    const major = manifest.kind === 'go' ? /^(.+?)(?:\/v\d+)?$/.exec(dependency.name)?.[1] : undefined
    const key = major ?? dependency.name
    const first = seen.get(key)
    if (first === undefined) seen.set(key, dependency)
    else if (!dependency.spec.startsWith('file:') && !(manifest.kind === 'go' && dependency.development)) {
      const text = `${key} is listed twice, as “${first.spec}” and “${dependency.spec}”`
      found.push(finding(manifest.file.path, dependency.line, key, { versions: [first.spec, dependency.spec] }, text))
    }
  }
  return found
}

function doublesInLock(repo: Repository, manifest: Manifest): Finding[] {
  const lock = npmLock(repo)
  if (lock === undefined) return []
  const direct = new Set(manifest.dependencies.filter(d => !d.development).map(d => d.name))
  const groups = Map.groupBy(
    lock.packages.filter(entry => direct.has(entry.name)),
    entry => entry.name,
  )
  return [...groups].flatMap(([name, entries]) => {
    const versions = [...new Set(entries.map(entry => entry.version))].sort()
    const text = `${name} is locked in ${versions.length} versions: ${versions.join(', ')}`
    return versions.length < 2 ? [] : [finding(lock.file.path, entries[0]?.line ?? 1, name, { versions }, text)]
  })
}

/** A finding for each dependency that `judge` has something against. */
function each(
  manifest: Manifest,
  judge: (dependency: Dependency) => Pick<Finding, 'value' | 'text'> | undefined,
): Finding[] {
  return manifest.dependencies.flatMap(dependency => {
    const found = judge(dependency)
    const { line, name } = dependency
    return found === undefined ? [] : [{ subject: name, source: { file: manifest.file.path, line }, ...found }]
  })
}

const finding = (file: string, line: number, subject: string, value: Finding['value'], text: string): Finding => ({
  subject,
  value,
  text,
  source: { file, line },
})

const at = (manifest: Manifest, pattern: RegExp, subject: string, value: Finding['value'], text: string): Finding =>
  finding(manifest.file.path, lineOf(manifest.file, pattern), subject, value, text)
