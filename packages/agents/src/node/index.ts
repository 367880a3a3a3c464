/** @amp-mesh/agents/node: what agents need of a Node process: files and the environment. */
export { modelFromEnvironment } from './environment.ts'
export { type LoadOptions, loadAgents } from './load-agent.ts'
export { type OpenEmbedderOptions, openEmbedder } from './open-embedder.ts'
export { transformersWorker } from './transformers-worker.ts'
export { vectorFolder } from './vector-folder.ts'
