/**
 * What GitHub workflows let others do: actions that can change, tokens that may write, scripts that
 * strangers can extend.
 */

import { commandsIn } from '../commands.ts'
import type { Finding, Rule } from '../findings.ts'
import type { Repository } from '../repository.ts'
import { many } from '../wording.ts'
import { type Job, type Permissions, runLines, type Step, type Workflow, workflowsOf } from '../workflow.ts'

const measured: Rule = {
  id: 'workflow-security.measured',
  severity: 'info',
  doc: 'How many workflows, jobs and steps were read.',
  derive(repo) {
    const workflows = workflowsOf(repo)
    const jobs = workflows.flatMap(workflow => workflow.jobs)
    const value = { workflows: workflows.length, jobs: jobs.length, steps: jobs.flatMap(job => job.steps).length }
    const inside = `${many(value.jobs, 'job')} and ${many(value.steps, 'step')}`
    const text = `read ${many(value.workflows, 'workflow')} with ${inside}`
    const [first] = workflows
    const source = first ? { file: first.file.path, line: 1 } : { commit: repo.head }
    return [{ subject: 'workflows', value, text, source }]
  },
}

const unpinnedAction: Rule = {
  id: 'workflow-security.unpinned-action',
  severity: 'minor',
  doc: 'A step uses an action by tag or branch, which its owner can move, instead of by commit.',
  derive: (repo, only) =>
    inSteps(repo, only, (step, workflow) => {
      const { action, line } = step.uses ?? {}
      if (action === undefined || line === undefined || action.startsWith('./')) return []
      if (/@[0-9a-f]{40}$|@sha256:[0-9a-f]{64}$/.test(action)) return []
      return [at(workflow, line, { action }, `${workflow.file.path} uses ${action}, not pinned to a commit`)]
    }),
}

const broadPermissions: Rule = {
  id: 'workflow-security.broad-permissions',
  severity: 'major',
  doc: 'A token that may write everything, or the contents of the repository in every job of a workflow.',
  derive(repo) {
    return workflowsOf(repo).flatMap(workflow => {
      const broad = (permissions: Permissions | undefined, everywhere: boolean) =>
        permissions?.writes.some(scope => scope === 'write-all' || (everywhere && scope === 'contents')) === true
      const places = [
        ...(broad(workflow.permissions, workflow.jobs.length > 1) ? [workflow.permissions] : []),
        ...workflow.jobs.map(job => job.permissions).filter(permissions => broad(permissions, false)),
      ]
      return places.flatMap(place => {
        if (place === undefined) return []
        const text = `the token of ${workflow.file.path} may write: ${place.writes.join(', ')}`
        return [at(workflow, place.line, { writes: [...place.writes] }, text)]
      })
    })
  },
}

const noPermissions: Rule = {
  id: 'workflow-security.no-permissions',
  severity: 'minor',
  doc: 'A workflow that leaves its token’s permissions to the repository’s default, which may be to write everything.',
  derive(repo) {
    return workflowsOf(repo)
      .filter(({ permissions, jobs }) => permissions === undefined && jobs.some(job => job.permissions === undefined))
      .map(workflow => {
        const jobs = workflow.jobs.filter(job => job.permissions === undefined)
        const line = jobs[0]?.line ?? 1
        const text = `${workflow.file.path} does not limit the permissions of its token`
        return at(workflow, line, { jobs: jobs.map(job => job.name) }, text)
      })
  },
}

const UNTRUSTED_REF = /github\.(event\.pull_request\.(head|merge)|head_ref)|refs\/pull\//

const untrustedCheckout: Rule = {
  id: 'workflow-security.untrusted-checkout',
  severity: 'blocker',
  doc: 'A workflow on pull_request_target or workflow_run checks out the code of the pull request beside the secrets.',
  derive: (repo, only) =>
    inSteps(repo, only, (step, workflow) => {
      const trigger = workflow.triggers.find(name => name === 'pull_request_target' || name === 'workflow_run')
      const { action, line } = step.uses ?? {}
      const ref = `${step.with.ref ?? ''} ${step.with.repository ?? ''}`
      if (trigger === undefined || line === undefined || !action?.startsWith('actions/checkout')) return []
      if (!UNTRUSTED_REF.test(ref)) return []
      return [at(workflow, line, { trigger }, `${workflow.file.path} checks out a stranger’s code on ${trigger}`)]
    }),
}

/** What anybody who opens an issue or a pull request writes. */
const STRANGERS_FIELDS = 'title|body|message|label|head\\.ref|head_branch|page_name|email|author\\.name'
const STRANGERS_TEXT = new RegExp(
  `\\$\\{\\{[^}]*(github\\.head_ref|github\\.event\\.[\\w.*]*(?:${STRANGERS_FIELDS}))\\b[^}]*\\}\\}`,
)

const scriptInjection: Rule = {
  id: 'workflow-security.script-injection',
  severity: 'blocker',
  doc: 'Text that a stranger writes (a title, a branch name) is pasted into a script.',
  derive: (repo, only) =>
    inScripts(repo, only, (text, line, workflow) => {
      const expression = STRANGERS_TEXT.exec(text)?.[1]
      if (expression === undefined) return []
      return [at(workflow, line, { expression }, `${workflow.file.path} pastes ${expression} into a script`)]
    }),
}

const curlPipe: Rule = {
  id: 'workflow-security.piped-download',
  severity: 'major',
  doc: 'A step runs what it downloads without checking it.',
  derive: (repo, only) =>
    inScripts(repo, only, (text, line, workflow) => {
      if (!/\b(curl|wget)\b[^|]*\|\s*(sudo\s+)?(ba|z|da)?sh\b/.test(text)) return []
      return [
        at(
          workflow,
          line,
          { command: text.slice(0, 200) },
          `${workflow.file.path} runs a download unchecked: “${text.slice(0, 200)}”`,
        ),
      ]
    }),
}

const selfHosted: Rule = {
  id: 'workflow-security.self-hosted-runner',
  severity: 'major',
  doc: 'A workflow on pull_request runs on a machine of the project’s own: strangers’ code reaches it.',
  derive(repo) {
    return workflowsOf(repo)
      .filter(workflow => workflow.triggers.some(name => name.startsWith('pull_request')))
      .flatMap(workflow =>
        workflow.jobs
          .filter(job => /self-hosted/.test(job.runsOn))
          .map(job => {
            const text = `${workflow.file.path} runs pull requests on a machine of its own (job ${job.name})`
            return at(workflow, job.line, { job: job.name }, text)
          }),
      )
  },
}

const UNFROZEN = [
  /(?:^|[;&]\s*)(npm (?:install|i)(?: --?[\w=-]+)*|yarn(?: install)?)\s*$/,
  /(?:^|[;&]\s*)(pip3? install (?!.*(?:==|-r |-e |\.|--require-hashes))[\w\s[\]-]+)$/,
  /(?:^|[;&]\s*)(go install \S+@latest)\s*$/,
]

const unfrozenInstall: Rule = {
  id: 'workflow-security.unfrozen-install',
  severity: 'minor',
  doc: 'A step installs whatever versions are newest that day.',
  derive: (repo, only) =>
    inScripts(repo, only, (text, line, workflow) => {
      const command = UNFROZEN.map(pattern => pattern.exec(text)?.[1]).find(found => found !== undefined)
      if (command === undefined || /-(g|-global|-immutable|-frozen-lockfile)\b/.test(command)) return []
      return [at(workflow, line, { command }, `${workflow.file.path} installs without pinned versions: “${command}”`)]
    }),
}

const unknownCommand: Rule = {
  id: 'workflow-security.unknown-command',
  severity: 'major',
  doc: 'A step calls a script, target or file that the repository does not have.',
  derive: (repo, only) =>
    inScripts(repo, only, (text, line, workflow) =>
      commandsIn(text, repo)
        .filter(command => command.missing !== undefined)
        .map(command =>
          at(
            workflow,
            line,
            { command: command.text },
            `${workflow.file.path} runs “${command.text}”, but ${command.missing}`,
          ),
        ),
    ),
}

const RUNS_TESTS = new RegExp(
  `\\b(${[
    'npm (?:run )?test\\b\\S*',
    'npm t\\b',
    '(?:yarn|pnpm)(?: run)? test\\b\\S*',
    'npx (?:vitest|jest|mocha)',
    'node --test',
    'pytest',
    'python -m (?:pytest|unittest)',
    'tox',
    'nox',
    'go test',
    'cargo test',
    'make (?:test|check)',
  ].join('|')})(?![\\w-])`,
)

const runsTests: Rule = {
  id: 'workflow-security.runs-tests',
  severity: 'info',
  doc: 'The step of a workflow that runs the tests.',
  derive(repo) {
    return workflowsOf(repo).flatMap(workflow => {
      const first = runLines(workflow).find(({ text }) => RUNS_TESTS.test(text))
      const command = RUNS_TESTS.exec(first?.text ?? '')?.[1]
      if (first === undefined || command === undefined) return []
      return [at(workflow, first.line, { command }, `${workflow.file.path} runs the tests: “${command}”`)]
    })
  },
}

export const workflowRules: readonly Rule[] = [
  measured,
  unpinnedAction,
  broadPermissions,
  noPermissions,
  untrustedCheckout,
  scriptInjection,
  curlPipe,
  selfHosted,
  unfrozenInstall,
  unknownCommand,
  runsTests,
]

function at(workflow: Workflow, line: number, value: Finding['value'], text: string): Finding {
  return { subject: workflow.file.path, value, text, source: { file: workflow.file.path, line } }
}

const chosen = (repo: Repository, only: string | undefined) =>
  workflowsOf(repo).filter(workflow => only === undefined || workflow.file.path === only)

const inSteps = (
  repo: Repository,
  only: string | undefined,
  look: (step: Step, workflow: Workflow, job: Job) => Finding[],
): Finding[] =>
  chosen(repo, only).flatMap(workflow =>
    workflow.jobs.flatMap(job => job.steps.flatMap(step => look(step, workflow, job))),
  )

const inScripts = (
  repo: Repository,
  only: string | undefined,
  look: (text: string, line: number, workflow: Workflow) => Finding[],
): Finding[] =>
  chosen(repo, only).flatMap(workflow => runLines(workflow).flatMap(({ text, line }) => look(text, line, workflow)))
