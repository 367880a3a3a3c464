/** @amp-mesh/peer/node: what a peer needs of the machine it runs on. */
export { type ConsoleLoggerInit, consoleLogger, isLogLevel, type LogLevel } from './console-logger.ts'
export { type FrontLimits, FrontServer, type PageHandler, type UpgradeHandler } from './front-server.ts'
export { NodeNetwork, type NodeNetworkInit, nodeNetwork } from './node-network.ts'
export { systemClock } from './system-clock.ts'
export { systemRandom } from './system-random.ts'
