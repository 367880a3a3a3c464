/** @amp-mesh/agents: who acts. Define agents, host them on a peer, let them collaborate. */
export { defineAgent } from './define-agent.ts'
export { type OpenAiEmbedderOptions, openaiEmbedder, type VectorCache } from './embedder/openai-embedder.ts'
export { type TransformersOptions, transformersEmbedder } from './embedder/transformers-embedder.ts'
export { type Host, hostAgents } from './host.ts'
export { type MarkdownAgentOptions, markdownAgent } from './markdown-agent.ts'
export { type OpenAiModelOptions, openaiModel } from './model/openai-model.ts'
export { remoteAgent } from './worker/remote-agent.ts'
export { serveAgent } from './worker/serve-agent.ts'
