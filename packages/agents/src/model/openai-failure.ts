/** What went wrong with an endpoint of the OpenAI API, in words for people. */
import { AmpError } from '@amp-mesh/protocol'
import { APIConnectionError, APIError } from 'openai'

export interface Endpoint {
  baseURL: string
  apiKey: string
  model: string
}

/** One error for whatever went wrong. The key appears neither in the message nor in the note. */
export function failureOf(error: unknown, { baseURL, model, apiKey }: Endpoint): AmpError {
  const note = (error instanceof Error ? error.message : String(error)).replaceAll(apiKey, '[key]').slice(0, 500)
  if (error instanceof AmpError) return error
  return new AmpError('model-failed', advice(error, baseURL, model), note)
}

function advice(error: unknown, baseURL: string, model: string): string {
  if (error instanceof APIConnectionError)
    return `no model endpoint answers at ${baseURL}: check OPENAI_BASE_URL and the network`
  if (!(error instanceof APIError) || error.status === undefined)
    return `what ${baseURL} answered can't be read: check that OPENAI_BASE_URL speaks the OpenAI API`
  if (error.status === 401 || error.status === 403) return `${baseURL} refused the key: check OPENAI_API_KEY`
  if (error.status === 404) return `${baseURL} does not know "${model}": check OPENAI_MODEL and OPENAI_BASE_URL`
  if (error.status === 429) return `${baseURL} is out of quota or asked too often: wait, or check the account`
  if (error.status >= 500) return `${baseURL} is failing (${error.status}): try again later`
  return `${baseURL} refused the request (${error.status}): check OPENAI_MODEL and the length of the prompt`
}
