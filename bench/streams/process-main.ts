/** The other process: serves one rival until its parent is gone, and says what it took of the processor. */
import { contenders, durables, type Name } from './contenders.ts'
import type { FromServer } from './rival.ts'

const send = (message: FromServer) => void process.send?.(message)

process.on('disconnect', () => process.exit(0))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  send({ cpuMicros: user + system })
})
send(await { ...contenders, ...durables }[process.argv[2] as Name].serve())
