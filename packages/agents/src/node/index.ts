/** @amp-mesh/agents/node: what agents need of a Node process: files and the environment. */
export { modelFromEnvironment } from './environment.ts'
export { type LoadOptions, loadAgents } from './load-agent.ts'
