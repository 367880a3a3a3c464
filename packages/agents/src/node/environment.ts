/** The model the environment names: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL. */
import { systemClock, systemRandom } from '@amp-mesh/peer/node'
import { AmpError, type Model } from '@amp-mesh/protocol'
import { openaiModel } from '../model/openai-model.ts'

const BASE_URL = 'https://api.openai.com/v1'
const MODEL = 'gpt-4o-mini'

/**
 * A model as the variables say; undefined when neither a key nor an endpoint is set. An endpoint of one's own needs no
 * key. `name` outranks OPENAI_MODEL. Throws AmpError `bad-input` on an address that is none.
 */
export function modelFromEnvironment(env: NodeJS.ProcessEnv = process.env, name?: string): Model | undefined {
  const endpoint = endpointFromEnvironment(env)
  if (endpoint === undefined) return undefined
  const model = name ?? (env.OPENAI_MODEL || MODEL)
  return openaiModel({ ...endpoint, model, clock: systemClock, random: systemRandom })
}

/** Where the variables say that the OpenAI API is spoken; undefined and errors as above. */
export function endpointFromEnvironment({ OPENAI_BASE_URL, OPENAI_API_KEY }: NodeJS.ProcessEnv = process.env) {
  if (!OPENAI_API_KEY && !OPENAI_BASE_URL) return undefined
  if (OPENAI_BASE_URL && !/^https?:\/\/./.test(OPENAI_BASE_URL))
    throw new AmpError('bad-input', `OPENAI_BASE_URL must be an http(s) address, not "${OPENAI_BASE_URL.slice(0, 80)}"`)
  return { baseURL: OPENAI_BASE_URL || BASE_URL, apiKey: OPENAI_API_KEY || 'none' }
}
