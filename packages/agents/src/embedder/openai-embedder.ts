/** The `Embedder` port on the `openai` client, which is loaded for who asks for it: most peers embed without one. */
import type { Embedder } from '@amp-mesh/protocol'
import type { OpenAiEmbedderOptions } from './openai-vectors.ts'

/** Rejects with AmpError `model-failed` when the endpoint does not give vectors for the model's name. */
export async function openaiEmbedder(options: OpenAiEmbedderOptions): Promise<Embedder> {
  const { openaiVectors } = await import('./openai-vectors.ts')
  return openaiVectors(options)
}
