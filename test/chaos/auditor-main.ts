/**
 * The auditor: a process of its own that knows of no peer. It reads the stores that are left, and what senders said was
 * acknowledged, and prints what is lost and what took effect twice.
 */
import { readFileSync } from 'node:fs'
import { openLevelStorage } from '@amp-mesh/peer/node'
import { decodeMessage, fromUtf8, WIRE_LIMITS } from '@amp-mesh/protocol'

export interface Audit {
  acknowledged: number
  effects: number
  lost: string[]
  twice: string[]
}

const [acknowledgedFile = '', ...folders] = process.argv.slice(2)
const effects = new Map<string, number>()
const waiting = new Set<string>()
for (const folder of folders) {
  const storage = await openLevelStorage(folder)
  const prefix = 'delivery/kept/clerk/effect/'
  for await (const [key] of storage.range(prefix, `${prefix}\uffff`)) {
    const id = key.slice(prefix.length).split('/')[0] ?? ''
    effects.set(id, (effects.get(id) ?? 0) + 1)
  }
  for await (const [, value] of storage.range('delivery/in/', 'delivery/in/\uffff')) {
    const message = decodeMessage(value, { maxBytes: WIRE_LIMITS.message })
    if (message.type === 'letters')
      for (const { body } of message.letters) waiting.add((JSON.parse(fromUtf8(body)) as { id: string }).id)
  }
  await storage.close()
}
const acknowledged = readFileSync(acknowledgedFile, 'utf8').split('\n').filter(Boolean)
const audit: Audit = {
  acknowledged: acknowledged.length,
  effects: effects.size,
  lost: acknowledged.filter(id => !effects.has(id) && !waiting.has(id)),
  twice: [...effects].filter(([, times]) => times > 1).map(([id]) => id),
}
process.stdout.write(`${JSON.stringify(audit)}\n`)
