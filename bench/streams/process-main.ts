/** The other process: serves what it is told to until its parent is gone, and says what it is asked. */
import { contender, type Name } from './contenders.ts'
import type { FromServer } from './server-process.ts'

const send = (message: FromServer) => void process.send?.(message)
const [, , name = ''] = process.argv

process.on('disconnect', () => process.exit(0))
const served = await serve()
process.on('message', () => {
  if ('delays' in served) return send({ delays: served.delays() })
  const { user, system } = process.cpuUsage()
  send({ cpuMicros: user + system })
})
send({ address: served.address })

async function serve(): Promise<{ address: string; delays(): number[] } | { address: string }> {
  if (name === 'beside-bulk') return (await import('./beside-bulk.ts')).serveBesideBulk()
  if (name.startsWith('fan-out-')) return (await import('./fan-out.ts')).serveFanOut(Number(name.split('-')[2]))
  return (await contender(name as Name)).serve()
}
