/** The `Model` port on the `openai` client, which is loaded when it is first asked: most peers think without one. */
import type { Model } from '@amp-mesh/protocol'
import type { OpenAiModelOptions } from './openai-chat.ts'

export function openaiModel(options: OpenAiModelOptions): Model {
  let loading: Promise<Model> | undefined
  return {
    id: options.model,
    async complete(request, signal) {
      loading ??= import('./openai-chat.ts').then(({ openaiChat }) => openaiChat(options))
      return (await loading).complete(request, signal)
    },
  }
}
