/** GitHub workflows as data: triggers, permissions, jobs and steps, each with the line it stands on. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import { oncePerRepository, type Repository, type TextFile } from './repository.ts'

export interface Step {
  readonly line: number
  readonly uses?: { readonly action: string; readonly line: number }
  /** Lines of a `run` script; `line` is that of the first. */
  readonly run?: { readonly lines: readonly { text: string; line: number }[]; readonly line: number }
  /** `with:` as text, e.g. the ref of a checkout. */
  readonly with: Readonly<Record<string, string>>
}

export interface Permissions {
  readonly line: number
  /** `write-all`, or the scopes that may be written. */
  readonly writes: readonly string[]
}

export interface Job {
  readonly name: string
  readonly line: number
  readonly runsOn: string
  readonly permissions: Permissions | undefined
  readonly steps: readonly Step[]
}

export interface Workflow {
  readonly file: TextFile
  readonly triggers: readonly string[]
  readonly permissions: Permissions | undefined
  readonly jobs: readonly Job[]
}

/** The workflows that can be read; one that is not YAML is left out. */
export const workflowsOf = oncePerRepository((repo: Repository): readonly Workflow[] =>
  [...repo.files.values()]
    .filter(file => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(file.path))
    .map(readWorkflow)
    .filter(workflow => workflow !== undefined),
)

/** All script lines of a workflow. */
export const runLines = (workflow: Workflow): { text: string; line: number }[] =>
  workflow.jobs.flatMap(job => job.steps.flatMap(step => step.run?.lines ?? []))

function readWorkflow(file: TextFile): Workflow | undefined {
  const lines = new LineCounter()
  // aliases are not followed: a small file could stand for a huge one
  const document = parseDocument(file.text, { lineCounter: lines, strict: false })
  const root = document.contents
  if (document.errors.length > 0 || !isMap(root)) return undefined
  const read = new WorkflowReader(file, lines)
  const jobs = root.get('jobs')
  return {
    file,
    triggers: read.triggers(root.get('on', true)),
    permissions: read.permissions(root),
    jobs: isMap(jobs) ? jobs.items.flatMap(pair => read.job(String(pair.key), pair.key as Node, pair.value)) : [],
  }
}

class WorkflowReader {
  readonly #file: TextFile
  readonly #lines: LineCounter

  constructor(file: TextFile, lines: LineCounter) {
    this.#file = file
    this.#lines = lines
  }

  triggers(on: unknown): string[] {
    if (isScalar(on)) return [String(on.value)]
    if (isSeq(on)) return on.items.map(item => String(isScalar(item) ? item.value : item))
    return isMap(on) ? on.items.map(pair => String(pair.key)) : []
  }

  permissions(owner: YAMLMap): Permissions | undefined {
    const pair = owner.items.find(item => String(item.key) === 'permissions')
    if (pair === undefined) return undefined
    const line = this.#lineOf(pair.key as Node)
    if (isScalar(pair.value)) return { line, writes: pair.value.value === 'write-all' ? ['write-all'] : [] }
    if (!isMap(pair.value)) return { line, writes: [] }
    const writable = pair.value.items.filter(item => isScalar(item.value) && item.value.value === 'write')
    return { line, writes: writable.map(item => String(item.key)).sort() }
  }

  job(name: string, key: Node, value: unknown): Job[] {
    if (!isMap(value)) return []
    const steps = value.get('steps')
    const called = this.#step(value)
    return [
      {
        name,
        line: this.#lineOf(key),
        runsOn: String(value.get('runs-on') ?? ''),
        permissions: this.permissions(value),
        // a job may itself `uses:` a reusable workflow
        steps: [
          ...(called.uses ? [called] : []),
          ...(isSeq(steps) ? steps.items : []).flatMap(item => this.#stepOf(item)),
        ],
      },
    ]
  }

  #stepOf(item: unknown): Step[] {
    return isMap(item) ? [this.#step(item)] : []
  }

  #step(map: YAMLMap): Step {
    const uses = map.get('uses', true)
    const run = map.get('run', true)
    const given = map.get('with')
    return {
      line: this.#lineOf(map),
      ...(isScalar(uses) && { uses: { action: String(uses.value), line: this.#lineOf(uses) } }),
      ...(isScalar(run) && { run: this.#script(run) }),
      with: isMap(given) ? Object.fromEntries(given.items.map(pair => [String(pair.key), String(pair.value)])) : {},
    }
  }

  /** The script's lines as they stand in the file: a block scalar begins on the line after its mark. */
  #script(run: Node): NonNullable<Step['run']> {
    const [from = 0, to = from] = run.range ?? []
    const first = this.#lines.linePos(from).line
    const last = this.#lines.linePos(Math.max(from, to - 1)).line
    const lines = this.#file.lines
      .slice(first - 1, last)
      .map((text, i) => ({ text: text.replace(/^\s*(-\s+)?run:\s*/, '').trim(), line: first + i }))
      .filter(({ text }) => text !== '' && !/^[|>][-+\d]*$/.test(text) && !text.startsWith('#'))
    return { lines, line: first }
  }

  #lineOf(node: Node): number {
    return this.#lines.linePos(node.range?.[0] ?? 0).line
  }
}
