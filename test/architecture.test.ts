/** The floors of the house, as tests: who may import whom, what runs in a browser, how a file looks. */
import { readdirSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageOf, ROOT, relativeTarget, type SourceFile, sourceFiles, workspacePackages } from './source-tree.ts'

/**
 * Higher floors may import lower ones, never their own or a higher one: discovery and context do not know each other.
 */
const FLOORS: Readonly<Record<string, number>> = {
  protocol: 0,
  'packages/discovery': 1,
  'packages/context': 1,
  'packages/peer': 2,
  'packages/agents': 3,
  'packages/web': 4,
  'examples/release-review': 4,
  'packages/cli': 5,
}
/** What takes things from the machine it runs on: adapters of Node and of browsers. */
const ADAPTERS = /\/src\/(node|browser)\//
/** Packages whose entry a browser must be able to load. */
const PORTABLE = ['protocol', 'packages/discovery', 'packages/context', 'packages/peer', 'packages/agents']
/** Entries for browsers alone. */
const BROWSER_ENTRIES = [
  'packages/peer/src/browser/index.ts',
  'packages/peer/src/browser/drafts.ts',
  'packages/cli/src/browser.ts',
  'packages/cli/src/browser-drafts.ts',
]
/** The clock, chance and timers of the process: what is no adapter is handed them. */
const TAKEN = new RegExp(
  `\\b(${[
    'Date\\.now',
    'new Date\\(\\)',
    'performance\\.now',
    'Math\\.random',
    'randomUUID',
    'getRandomValues',
    'set(Timeout|Interval|Immediate)',
  ].join('|')})`,
)
const NODE_ONLY = new Set(['ws', 'classic-level', 'env-paths', '@libp2p/tcp', '@libp2p/mdns', 'datastore-level'])
const KIT_MAY = new Set(['@amp-mesh/protocol', 'ws'])
const FORBIDDEN_FOLDERS = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'shared', 'misc'])
const LONGEST_FILE = 350
const LONGEST_LINE = 120

const packages = workspacePackages()
const byName = new Map(packages.map(one => [one.name, one]))
const files = new Map(packages.flatMap(one => one.files.map(file => [file.path, file])))
const everything = ['protocol', 'packages', 'examples', 'test', 'scripts', 'bench'].flatMap(sourceFiles)

const isRelative = (specifier: string) => specifier.startsWith('.')
const isBuiltin = (specifier: string) => specifier.startsWith('node:') || builtinModules.includes(packageOf(specifier))

/** The file of this workspace that is meant, if it is one of this workspace. */
function targetOf(file: SourceFile, specifier: string): string | undefined {
  if (isRelative(specifier)) return relativeTarget(file, specifier)
  const target = byName.get(packageOf(specifier))
  const entry = target?.exports[`.${specifier.slice(packageOf(specifier).length)}`]
  return target && entry && join(target.folder, entry)
}

describe('floors', () => {
  it('every package has one', () => {
    expect(packages.map(one => one.folder).sort()).toEqual(Object.keys(FLOORS).sort())
  })

  it.each(packages)('$folder imports only lower floors, through their doors, and only what it declares', one => {
    const wrong: string[] = []
    for (const file of one.files)
      for (const { specifier } of file.imports) {
        const say = (why: string) => wrong.push(`${file.path} imports ${specifier}: ${why}`)
        if (isRelative(specifier)) {
          const target = relativeTarget(file, specifier)
          if (!target.startsWith(`${one.folder}/src/`)) say('leaves its package')
          else if (!files.has(target) && /\.tsx?$/.test(target)) say('does not exist')
          continue
        }
        if (isBuiltin(specifier)) {
          if (!specifier.startsWith('node:')) say('write node:')
          continue
        }
        const name = packageOf(specifier)
        const target = byName.get(name)
        if (!one.dependencies.has(name)) say('not declared in package.json')
        if (target === undefined) continue
        if ((FLOORS[target.folder] ?? 0) >= (FLOORS[one.folder] ?? 0)) say('not a lower floor')
        if (targetOf(file, specifier) === undefined) say('not a public door')
      }
    expect(wrong).toEqual([])
  })

  it('the conformance kit is a stranger to the peer it checks: it shares the protocol with it, and no more', () => {
    const kit = sourceFiles('packages/cli/src/conformance')
    const wrong = kit.flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => !(isRelative(specifier) || isBuiltin(specifier) || KIT_MAY.has(specifier)))
        .map(({ specifier }) => `${path} imports ${specifier}`),
    )
    const leaving = kit.flatMap(file =>
      file.imports
        .filter(({ specifier }) => isRelative(specifier))
        .map(({ specifier }) => relativeTarget(file, specifier))
        .filter(target => !target.startsWith('packages/cli/src/conformance/')),
    )
    expect({ wrong, leaving }).toEqual({ wrong: [], leaving: [] })
  })

  it('no file imports itself in a circle', () => {
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (path: string, way: string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' -> '))
      if (way.includes(path) || done.has(path)) return
      const file = files.get(path)
      for (const { specifier } of file?.imports ?? []) {
        const target = file && targetOf(file, specifier)
        if (target !== undefined) visit(target, [...way, path])
      }
      done.add(path)
    }
    for (const path of files.keys()) visit(path, [])
    expect(circles).toEqual([])
  })
})

/** The packages that loading `entry` loads at once. */
function loadedWith(entry: string): Set<string> {
  const seen = new Set<string>()
  const loaded = new Set<string>()
  const visit = (path: string): void => {
    const file = seen.has(path) ? undefined : files.get(path)
    seen.add(path)
    for (const { specifier, typeOnly, late } of file?.imports ?? []) {
      if (typeOnly || late) continue
      if (!isRelative(specifier)) loaded.add(packageOf(specifier))
      const target = file && targetOf(file, specifier)
      if (target !== undefined) visit(target)
    }
  }
  visit(entry)
  return loaded
}

/** What is Node-only, or a forbidden file, among all that loading `entry` loads. */
function nodeOnly(entry: string, forbidden: RegExp): string[] {
  const seen = new Set<string>()
  const wrong: string[] = []
  const visit = (path: string, from: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    const file = files.get(path)
    if (file === undefined || forbidden.test(path)) {
      wrong.push(`${from} imports ${path}`)
      return
    }
    for (const { specifier, typeOnly } of file.imports) {
      if (typeOnly) continue
      const target = targetOf(file, specifier)
      if (target !== undefined) visit(target, path)
      else if (isBuiltin(specifier) || NODE_ONLY.has(packageOf(specifier))) wrong.push(`${path} imports ${specifier}`)
    }
  }
  visit(entry, 'the test')
  return wrong
}

describe('a start', () => {
  it.each(['packages/agents/src/index.ts', 'packages/agents/src/node/index.ts'])('%s waits for no model', entry => {
    const loaded = loadedWith(entry)
    expect(loaded).toContain('@amp-mesh/peer')
    for (const client of ['openai', '@huggingface/transformers']) expect(loaded).not.toContain(client)
  })
})

describe('browsers', () => {
  it.each(PORTABLE)('the entry of %s pulls in nothing Node-only, nor any adapter', folder => {
    expect(nodeOnly(`${folder}/src/index.ts`, ADAPTERS)).toEqual([])
  })

  it.each(BROWSER_ENTRIES)('%s pulls in nothing Node-only', entry => {
    expect(nodeOnly(entry, /\/src\/node\//)).toEqual([])
  })

  it.each(PORTABLE)('%s is given time and chance, it never takes them', folder => {
    const wrong = sourceFiles(`${folder}/src`)
      .filter(file => !ADAPTERS.test(file.path) && TAKEN.test(file.code))
      .map(file => `${file.path}: ${TAKEN.exec(file.code)?.[0]}`)
    expect(wrong).toEqual([])
  })
})

describe('files', () => {
  it('no folder is named after nothing', () => {
    const folders = packages.flatMap(one =>
      readdirSync(join(ROOT, one.folder), { recursive: true, withFileTypes: true })
        .filter(entry => entry.isDirectory() && !entry.parentPath.includes('node_modules'))
        .map(entry => entry.name),
    )
    expect(folders.filter(name => FORBIDDEN_FOLDERS.has(name))).toEqual([])
  })

  it('each begins by saying what lives in it', () => {
    const silent = [...files.values()].filter(file => !/^(#![^\n]*\n)?\/\*\*/.test(file.text))
    expect(silent.map(file => file.path)).toEqual([])
  })

  it('file names are nouns in kebab-case', () => {
    const odd = everything.filter(
      file => !/\/[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d|\.config)?\.tsx?$/.test(`/${file.path}`),
    )
    expect(odd.map(file => file.path)).toEqual([])
  })

  it(`no source has more than ${LONGEST_FILE} lines, no line more than ${LONGEST_LINE} characters`, () => {
    const long = [...files.values()].filter(file => file.text.split('\n').length > LONGEST_FILE).map(file => file.path)
    const wide = everything.flatMap(file =>
      file.text.split('\n').flatMap((line, i) => (line.length > LONGEST_LINE ? [`${file.path}:${i + 1}`] : [])),
    )
    expect({ long, wide }).toEqual({ long: [], wide: [] })
  })

  it('nothing is switched off, left for later or cast past the compiler', () => {
    const casts = new RegExp(['as unknown as', '\\bas any\\b', ': any\\b'].join('|'))
    const marks = new RegExp(['@ts-(ignore|nocheck|expect-error)', 'biome-ignore', 'eslint-disable'].join('|'))
    const later = new RegExp(`\\b(${['TO', 'FIX'].map(word => `${word}${word === 'TO' ? 'DO' : 'ME'}`).join('|')})\\b`)
    const wrong = [
      ...everything.filter(file => casts.test(file.code)),
      ...[...files.values()].filter(file => marks.test(comments(file)) || later.test(comments(file))),
    ]
    expect(wrong.map(file => file.path)).toEqual([])
  })

  it('no test is skipped or alone', () => {
    const wrong = sourceFiles('test').filter(file => /\b(it|test|describe)\.(only|skip|todo)\b/.test(file.code))
    expect(wrong.map(file => file.path)).toEqual([])
  })
})

const comments = (file: SourceFile) => (file.text.match(/\/\*[\s\S]*?\*\/|(?<![:\\'"`])\/\/[^\n]*/g) ?? []).join('\n')
