#!/usr/bin/env node
/** The `amp-mesh` command: checks the Node it runs on, wires the process to the program, exits with its code. */
import { enableCompileCache } from 'node:module'

// Peers need what came with this version (native TypeScript, WebSocket, libp2p's minimum).
const OLDEST = [22, 18] as const

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  process.stderr.write(
    `amp-mesh needs Node ${OLDEST.join('.')} or later; this is ${process.versions.node}.\n` +
      '  Install a newer one, or run it in a project that has the npm package "node": npm install node@24 amp-mesh\n',
  )
  process.exit(1)
}

enableCompileCache()
// Loaded only now: on an old Node they would fail with words nobody understands.
const { nodeSurroundings } = await import('./node-surroundings.ts')
const { runProgram } = await import('./program.ts')
const code = await runProgram(process.argv.slice(2), nodeSurroundings())
// Whatever a library may still hold open: the command is done. What was written goes out first.
process.stdout.write('', () => process.exit(code))
