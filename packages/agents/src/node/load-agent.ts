/** Agents from files: `.ts` and `.js` modules with a default export, `.md` texts with front matter. */
import { readFile, stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Agent, AmpError, type Model } from '@amp-mesh/protocol'
import { flawOf } from '../define-agent.ts'
import { markdownAgent } from '../markdown-agent.ts'
import { modelFromEnvironment } from './environment.ts'

export interface LoadOptions {
  /** The peer's model, with which a Markdown agent thinks that names none. */
  model?: Model | undefined
  env?: NodeJS.ProcessEnv
}

const MODULES = ['.ts', '.mts', '.js', '.mjs']

/** The agents of one file, at least one. Throws AmpError `bad-agent-file`, saying what to mend. */
export async function loadAgents(file: string, { model, env = process.env }: LoadOptions = {}): Promise<Agent[]> {
  const path = resolve(file)
  const extension = extname(path)
  if (extension !== '.md' && !MODULES.includes(extension))
    throw broken(file, `an agent is a ${MODULES.join(', ')} or .md file`)
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) throw broken(file, 'there is no such file: check the path')
  return extension === '.md' ? [await fromMarkdown(file, path, model, env)] : fromModule(file, path)
}

async function fromMarkdown(file: string, path: string, model: Model | undefined, env: NodeJS.ProcessEnv) {
  let own: Model | undefined
  const modelNamed = (name: string) => {
    own = modelFromEnvironment(env, name)
    return own
  }
  const agent = markdownAgent(await readFile(path, 'utf8'), { file, modelNamed })
  if (own === undefined && model === undefined)
    throw broken(file, 'it thinks with a model, and none is configured: set OPENAI_BASE_URL or OPENAI_API_KEY')
  return agent
}

async function fromModule(file: string, path: string): Promise<Agent[]> {
  let value: unknown
  try {
    value = ((await import(pathToFileURL(path).href)) as { default?: unknown }).default
  } catch (error) {
    throw broken(file, `it fails when loaded: ${error instanceof Error ? error.message : error}`, error)
  }
  if (value === undefined) throw broken(file, 'it has no default export: export default defineAgent({…})')
  const agents: unknown[] = Array.isArray(value) ? value : [value]
  if (agents.length === 0) throw broken(file, 'its default export is an empty list: it must hold an agent')
  for (const agent of agents) {
    const flaw = flawOf(agent)
    if (flaw !== undefined) throw broken(file, flaw)
  }
  const names = agents.map(agent => (agent as Agent).name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw broken(file, `two agents are called "${twice}": names are unique on a peer`)
  return agents as Agent[]
}

const broken = (file: string, flaw: string, cause?: unknown) =>
  new AmpError('bad-agent-file', `${file}: ${flaw}`, undefined, cause)
