/** Documents against the repository: dependencies, promises, commands and links that are written down must be there. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REQUIREMENTS } from './requirements.ts'
import { ROOT } from './source-tree.ts'

interface Manifest {
  workspaces?: string[]
  version?: string
  license?: string
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'protocol/DECISIONS.md', 'protocol/THREATS.md']
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const manifestIn = (folder: string) => JSON.parse(read(join(folder, 'package.json'))) as Manifest
const root = manifestIn('.')
const written = DOCUMENTS.filter(path => existsSync(join(ROOT, path)))

describe('[D1.documents] documents', () => {
  it('DECISIONS.md lists every dependency, with its version and licence', () => {
    const declared = new Map(
      [root, ...(root.workspaces ?? []).map(manifestIn)]
        .flatMap(({ dependencies, devDependencies }) => Object.entries({ ...dependencies, ...devDependencies }))
        .filter(([name]) => !name.startsWith('@amp-mesh/')),
    )
    const rows = read('protocol/DECISIONS.md').matchAll(/^\| `([^`]+)` *\| ([^|]+?) *\| ([^|]+?) *\|/gm)
    const listed = [...rows].map(([, name, version, licence]) => `${name} ${version} ${licence}`)
    const real = [...declared].map(([name, version]) => {
      const installed = manifestIn(join('node_modules', name))
      return `${name} ${version} ${installed.license}`
    })
    expect(listed.sort()).toEqual(real.sort())
  })

  it('THREATS.md rests on promises that exist', () => {
    const ids = new Set(REQUIREMENTS.map(({ id }) => id))
    const rows = read('protocol/THREATS.md')
      .split('\n')
      .filter(line => line.startsWith('| '))
    const cited = rows.slice(1).flatMap(
      row =>
        row
          .split('|')
          .at(-2)
          ?.match(/[GPD]\d+(\.[a-z]+)?/g) ?? [],
    )
    expect(cited.length).toBeGreaterThan(10)
    expect(cited.filter(id => !ids.has(id))).toEqual([])
  })

  it.each(written)('the links and npm scripts in %s are there', path => {
    const text = read(path)
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => link)
    expect(links.filter(link => !existsSync(join(ROOT, dirname(path), link)))).toEqual([])
    const scripts = [...text.matchAll(/\bnpm run ([a-z:-]+)/g)].map(([, name = '']) => name)
    expect(scripts.filter(name => root.scripts?.[name] === undefined)).toEqual([])
  })

  it('.ci/run runs what people are told to run', () => {
    const commands = read('.ci/run')
      .split('\n')
      .filter(line => line.startsWith('npm '))
    expect(commands).toEqual(['npm ci', 'npm test'])
    for (const command of commands) expect(read('CONTRIBUTING.md')).toContain(command)
  })
})
