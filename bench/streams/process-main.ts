/** The other process: serves what it is told to until its parent is gone, and says what it is asked. */
import { contender, type Name } from './contenders.ts'
import type { FromServer, Heard } from './server-process.ts'

const send = (message: FromServer) => void process.send?.(message)
const [, , name = '', ...args] = process.argv

process.on('disconnect', () => process.exit(0))
const served = await serve()
process.on('message', () => {
  if ('heard' in served) return send(served.heard())
  const { user, system } = process.cpuUsage()
  send({ cpuMicros: user + system })
})
send({ address: served.address })

async function serve(): Promise<{ address: string; heard(): Heard } | { address: string }> {
  if (name === 'beside-bulk') return (await import('./beside-bulk.ts')).serveBesideBulk()
  const [peers, address = ''] = args
  if (name === 'fan-out') return (await import('./fan-out.ts')).serveFanOut(Number(peers), address)
  return (await contender(name as Name)).serve()
}
