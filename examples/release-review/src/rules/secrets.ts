/**
 * Credentials in files: secretlint's recommended rules, and the kinds they miss. The secret itself is
 * never repeated.
 */

import type { Finding, Rule } from '../findings.ts'
import { lineAt } from '../imports.ts'
import { isAside, isTest } from '../language.ts'
import type { Repository, TextFile } from '../repository.ts'
import { many } from '../wording.ts'
import { runLines, workflowsOf } from '../workflow.ts'

/** Kinds that secretlint's preset passes over (measured: RELIABILITY.md §2.4). */
const MORE_KINDS: readonly { kind: string; pattern: RegExp }[] = [
  { kind: 'AWS access key id', pattern: /\b(?:AKIA|ASIA)(?![A-Z2-7]{9}EXAMPLE)[A-Z2-7]{16}\b/g },
  { kind: 'JSON Web Token', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/g },
  { kind: 'Google API key', pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  { kind: 'Hugging Face token', pattern: /\bhf_[A-Za-z]{34}\b/g },
]

const measured: Rule = {
  id: 'secrets.measured',
  severity: 'info',
  doc: 'How many files were searched for credentials.',
  derive(repo) {
    const files = searched(repo).length
    const text = `searched ${many(files, 'file')} for credentials`
    return [{ subject: 'secrets', value: { files }, text, source: { commit: repo.head } }]
  },
}

const leaked: Rule = {
  id: 'secrets.leaked',
  severity: 'blocker',
  doc: 'A credential in a file that is not a test, an example or documentation.',
  derive: (repo, file) => secretsIn(repo, path => !isHarmless(path), file),
}

const inTests: Rule = {
  id: 'secrets.in-tests',
  severity: 'minor',
  doc: 'Something that looks like a credential in a test, an example or documentation.',
  derive: (repo, file) => secretsIn(repo, isHarmless, file),
}

const environmentFile: Rule = {
  id: 'secrets.environment-file',
  severity: 'major',
  doc: 'A committed .env file that sets a password, a token, a key or a secret.',
  derive(repo) {
    return [...repo.files.values()]
      .filter(
        file => /(^|\/)\.env(\.(local|production|prod|staging|development))?$/.test(file.path) && !isTest(file.path),
      )
      .flatMap(file => {
        const at = file.lines.findIndex(line =>
          /^\s*(export\s+)?\w*(SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY)\w*\s*=\s*[^\s#]/i.test(line),
        )
        const name = /(\w+)\s*=/.exec(file.lines[at] ?? '')?.[1]
        if (name === undefined) return []
        const text = `${file.path} is committed and sets ${name}`
        return [{ subject: file.path, value: { variable: name }, text, source: { file: file.path, line: at + 1 } }]
      })
  },
}

const workflowSecret: Rule = {
  id: 'secrets.in-workflow',
  severity: 'info',
  doc: 'The secrets a workflow hands to its steps.',
  derive(repo) {
    return workflowsOf(repo).flatMap(({ file }) => {
      const live = file.lines.map(line => line.replace(/(^|\s)#.*$/, '')) // not what is commented out
      const names = [...live.join('\n').matchAll(/\$\{\{[^}]*\bsecrets\.(\w+)/g)].map(match => match[1] ?? '')
      const handed = [...new Set(names)].filter(name => name !== 'GITHUB_TOKEN').sort()
      if (handed.length === 0) return []
      const line = live.findIndex(text => text.includes(`secrets.${handed[0]}`)) + 1
      const text = `${file.path} hands ${handed.join(', ')} to its steps`
      return [{ subject: file.path, value: { secrets: handed }, text, source: { file: file.path, line } }]
    })
  },
}

const printedSecret: Rule = {
  id: 'secrets.printed',
  severity: 'major',
  doc: 'A workflow step that prints a secret into the log.',
  derive(repo) {
    return workflowsOf(repo).flatMap(workflow =>
      runLines(workflow).flatMap(({ text, line }) => {
        // a pipe or a redirection takes it elsewhere
        const name = /^(?:echo|printf|print)\b[^|>]*\$\{\{\s*secrets\.(\w+)[^|>]*$/.exec(text)?.[1]
        const { path } = workflow.file
        if (name === undefined) return []
        return [
          { subject: path, value: { secret: name }, text: `${path} prints ${name}`, source: { file: path, line } },
        ]
      }),
    )
  },
}

export const secretRules: readonly Rule[] = [measured, leaked, inTests, environmentFile, workflowSecret, printedSecret]

const isHarmless = (path: string) => isTest(path) || isAside(path) || /\.(md|rst|txt|adoc)$/.test(path)

/** Lock files hold nothing but hashes; pictures and maps are not written by hand. */
const searched = (repo: Repository): TextFile[] =>
  [...repo.files.values()].filter(
    ({ path }) => !/(\.lock|package-lock\.json|pnpm-lock\.yaml|go\.sum|\.svg|\.map|\.snap)$/.test(path),
  )

async function secretsIn(repo: Repository, chosen: (path: string) => boolean, file?: string): Promise<Finding[]> {
  const files = searched(repo).filter(({ path }) => chosen(path) && (file === undefined || path === file))
  const found = await Promise.all(files.map(async one => [...new Map([...(await lint(one)), ...findMore(one)])]))
  return found.flatMap((places, i) =>
    places
      .sort(([a], [b]) => a - b)
      .map(([line, kind]) => {
        const path = files[i]?.path ?? ''
        return { subject: path, value: { kind }, text: `${path} holds a secret: ${kind}`, source: { file: path, line } }
      }),
  )
}

/** One secret a line: two rules may see the same. Line and kind. */
type Place = readonly [line: number, kind: string]

function findMore(file: TextFile): Place[] {
  return MORE_KINDS.flatMap(({ kind, pattern }) =>
    [...file.text.matchAll(pattern)].map(match => [lineAt(file.text, match.index + 1), kind] as const),
  )
}

async function lint(file: TextFile): Promise<Place[]> {
  const { lintSource, preset } = await loadSecretlint()
  const result = await lintSource({
    source: { content: file.text, filePath: file.path, contentType: 'text', ext: /\.\w+$/.exec(file.path)?.[0] ?? '' },
    options: {
      noPhysicFilePath: true,
      maskSecrets: true,
      config: { rules: [{ id: preset.meta.id, rule: preset, options: {} }] },
    },
  })
  return result.messages.map(message => {
    const kind = `${message.ruleId.replace(/^.*secretlint-rule-/, '')} ${message.messageId}`
    return [message.loc.start.line, kind] as const
  })
}

/** Loaded when first needed: five of seven agents never search for secrets unless they check somebody's word. */
async function loadSecretlint() {
  const [{ lintSource }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ])
  return { lintSource, preset: creator }
}
