/** Details of the rules: what looks like a defect and is none, and the other way round. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { JOINTS, RULES } from '../../../examples/release-review/src/index.ts'
import { splitSource } from '../../../examples/release-review/src/source-text.ts'
import { compareVersions, versionInHeading, versionOfTag } from '../../../examples/release-review/src/version.ts'
import { type SmallRepo, smallRepo } from './small-repo.ts'

const derive = async (rule: string, repo: SmallRepo) =>
  (await RULES.get(rule)?.derive(smallRepo(repo)))?.map(({ subject, source }) =>
    'file' in source ? `${subject} ${source.file}:${source.line}` : subject,
  )

const inReadme = (...lines: string[]) => ({ 'README.md': lines.join('\n') })

describe('strings, comments and code are told apart', () => {
  it.each([
    ['javascript', "a('// no') // yes\n", "a('     ')       \n"],
    ['javascript', 'x = `a ${b("`")} // no` /* yes */ + 1', `x = \`${' '.repeat(17)}\`           + 1`],
    ['javascript', 'r = /[\'"]/ // yes', 'r = /    /       '],
    ['javascript', "half = a / b // yes '", 'half = a / b       '.padEnd(21)],
    ['python', '"""no # no\n""" # yes', '"""       \n"""      '],
    ['go', 'a := `\\` // yes', 'a := ` `       '],
    ['rust', "fn f<'a>(x: &'a str) {} // yes", "fn f<'a>(x: &'a str) {}       "],
  ] as const)('%s: %s', (language, text, code) => {
    const split = splitSource(text, language)
    expect(split.code).toBe(code)
    expect(split.comments.trim()).toMatch(/^(\/\/ yes( ')?|\/\* yes \*\/|# yes)$/)
    expect(split.comments.length).toBe(text.length)
  })
})

describe('versions', () => {
  it('are read from tags and headings, and ordered', () => {
    expect(['v1.2.3', '8.1.0rc1', 'release-7', 'pkg@1.0.0'].map(versionOfTag)).toEqual([
      '1.2.3',
      '8.1.0rc1',
      undefined,
      undefined,
    ])
    expect(['## [1.2.0] - 2026', 'Version 8.5.0', '## Unreleased', '5.2.1 / 2025-12-01'].map(versionInHeading)).toEqual(
      ['1.2.0', '8.5.0', undefined, '5.2.1'],
    )
    expect(['1.10.0', '1.2.0', '1.2.0-rc.1', '1.2'].sort(compareVersions)).toEqual([
      '1.2.0-rc.1',
      '1.2.0',
      '1.2',
      '1.10.0',
    ])
  })
})

describe('documents', () => {
  const manifest = { 'package.json': '{"name":"a","version":"1.0.0","scripts":{"build":"x"}}' }

  it('a command after a cd to elsewhere is about another project, until the next section', async () => {
    const text = inReadme(
      '# Start',
      '```',
      'make-app /tmp/x && cd /tmp/x',
      '```',
      '```',
      'npm start',
      '```',
      '# Help',
      '`npm run nothing`',
    )
    expect(await derive('docs.unknown-command', { files: { ...manifest, ...text } })).toEqual([
      'npm run nothing README.md:9',
    ])
  })

  it('a command after the clone of this project is about it', async () => {
    const text = inReadme('```', 'git clone here', 'cd here', 'npm run build', 'npm run gone', '```')
    expect(await derive('docs.unknown-command', { files: { ...manifest, ...text } })).toEqual([
      'npm run gone README.md:5',
    ])
  })

  it('links to folders, anchors, other sites and in code are left alone', async () => {
    const text = inReadme(
      '[a](docs) [b](#b) [c](https://x.org/y) `[d](gone.md)`',
      '```',
      '[e](gone.md)',
      '```',
      '[f](docs/a.md#x)',
    )
    expect(await derive('docs.broken-link', { files: { ...text, 'docs/a.md': '' } })).toEqual([])
    expect(await derive('docs.broken-link', { files: inReadme('[g](gone.md "title")') })).toEqual([
      'gone.md README.md:1',
    ])
  })
})

describe('code', () => {
  it('an import of types closes no cycle, nor one inside a function', async () => {
    const files = {
      'src/a.ts': "import type { B } from './b.ts'\n",
      'src/b.ts': "import { a } from './a.ts'\n",
      'c.py': 'def f():\n    from d import g\n',
      'd.py': 'import c\n',
    }
    expect(await derive('code.import-cycle', { files })).toEqual([])
  })

  it('a cycle of three is one finding', async () => {
    const files = { 'a.js': "require('./b')", 'b.js': "import './c.js'", 'c.js': "export * from './a.js'" }
    expect(await derive('code.import-cycle', { files })).toEqual(['a.js a.js:1'])
  })

  it('an import in a string or a comment is none', async () => {
    const files = { 'src/a.js': "const s = \"import './gone.js'\"\n// import './gone.js'\n" }
    expect(await derive('code.broken-import', { files })).toEqual([])
  })

  it('to-dos count in comments only', async () => {
    const files = { 'src/a.js': "const marks = ['TODO', 'FIXME', 'XXX', 'HACK', 'TODO']\n" }
    expect(await derive('code.todo-density', { files })).toEqual([])
  })
})

describe('tests', () => {
  it('Rust: unit tests in the source count; an ignored one and a file without any are seen', async () => {
    const body = 'pub fn f() {\n  1;\n  2;\n  3;\n  4;\n}\n'
    const files = {
      'src/lib.rs': `mod a;\n${body}`,
      'src/a.rs': `${body}#[cfg(test)]\nmod tests {\n  #[test]\n  fn t() { assert!(true) }\n}\n`,
      'src/alone.rs': body,
      'tests/all.rs': '#[test]\n#[ignore]\nfn slow() { assert!(crate_name::f()) }\n// src/lib.rs\n',
      'Cargo.toml': '[package]\nname = "x"\nversion = "0.1.0"\n[dependencies]\nserde = "*"\n',
    }
    expect(await derive('tests.untested', { files })).toEqual(['src/alone.rs src/alone.rs:1'])
    expect(await derive('tests.skipped', { files })).toEqual(['tests/all.rs tests/all.rs:2'])
    expect(await derive('dependencies.unpinned', { files })).toEqual(['serde Cargo.toml:5'])
    expect(await derive('dependencies.missing-lock', { files })).toEqual(['Cargo.toml Cargo.toml:4'])
    expect(await derive('dependencies.no-licence-field', { files })).toEqual(['Cargo.toml Cargo.toml:2'])
  })

  it('a test that is skipped under a condition is not always skipped', async () => {
    const files = {
      'a_test.go': 'func TestA(t *testing.T) {\n\tif testing.Short() {\n\t\tt.Skip()\n\t}\n}\n',
      'a.go': 'package a',
    }
    expect(await derive('tests.skipped', { files })).toEqual([])
  })

  it('sources without tests, without CI, or a CI that runs none', async () => {
    const source = { 'src/a.py': 'x = 1\n' }
    expect(await derive('tests.none', { files: source })).toEqual(['tests'])
    const tested = { ...source, 'tests/test_a.py': 'def test_a():\n    assert True\n' }
    expect(await derive('tests.no-ci', { files: tested })).toEqual(['ci tests/test_a.py:1'])
    const ci = { ...tested, '.github/workflows/build.yml': 'name: tests\non: push\njobs: {}\n' }
    expect(await derive('tests.not-in-ci', { files: ci })).toEqual(['ci .github/workflows/build.yml:1'])
  })
})

describe('history', () => {
  const release = {
    tag: 'v1.0.0',
    version: '1.0.0',
    commit: 'a'.repeat(40),
    commitsSince: 1,
    changedSince: new Set(['a.js']),
  }
  const files = { 'a.js': 'x', 'package.json': '{\n"version": "1.0.0"\n}' }

  it('a version that was not raised', async () => {
    expect(await derive('history.version-not-raised', { files, release })).toEqual(['package.json package.json:2'])
    const raised = { ...files, 'package.json': '{"version": "1.1.0"}' }
    expect(await derive('history.version-not-raised', { files: raised, release })).toEqual([])
  })

  it('a project that hangs on one person; bots are nobody', async () => {
    const by = (author: string) => ({ hash: author, author, title: '', files: [] })
    const commits = [...Array.from({ length: 19 }, () => by('Ada')), by('Ben')]
    expect(await derive('history.bus-factor', { files, commits })).toEqual(['history'])
    expect(await derive('history.bus-factor', { files, commits: commits.map(() => by('dependabot[bot]')) })).toEqual([])
  })
})

describe('workflows', () => {
  it('a secret in a comment is handed to nobody', async () => {
    const files = {
      '.github/workflows/a.yml':
        'on: push\njobs:\n  a:\n    steps:\n      # - run: x ${{ secrets.KEY }}\n      - run: y\n',
    }
    expect(await derive('secrets.in-workflow', { files })).toEqual([])
  })

  it('what is not YAML, or not a workflow, is passed over', async () => {
    const files = {
      '.github/workflows/a.yml': '{{{',
      '.github/workflows/b.yml': '- 1\n',
      '.github/workflows/c.yml': 'jobs: 7\n',
    }
    expect(await derive('workflow-security.no-permissions', { files })).toEqual([])
  })
})

describe('the README', () => {
  it('lists every rule and joint as they are', () => {
    const readme = readFileSync(new URL('../../../examples/release-review/README.md', import.meta.url), 'utf8').replace(
      / +/g,
      ' ',
    )
    for (const { id, severity, doc } of RULES.values()) expect(readme).toContain(`| \`${id}\` | ${severity} | ${doc} |`)
    for (const { other, own, severity, doc } of JOINTS)
      expect(readme).toContain(`| \`${other}\` | \`${own}\` | ${severity} | ${doc} |`)
  })
})
