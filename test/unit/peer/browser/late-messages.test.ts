/** Messages whose code is still to come: calls wait in order, and who asked is told when it does not come. */
import { AmpError, type Cancel } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import { lateMessages } from '../../../../packages/peer/src/browser/late-messages.ts'
import { openedOnce } from '../../../../packages/peer/src/browser/opened-once.ts'
import type { Messages } from '../../../../packages/peer/src/messaging.ts'

const logger = (errors: string[]) => ({
  debug() {},
  info() {},
  warn() {},
  error: (_: string, fields?: Record<string, unknown>) => void errors.push(String(fields?.error)),
})

it('[G9.tab] code that does not come fails what waits for it, and is asked for again by the next', async () => {
  let tries = 0
  const open = openedOnce<Messages>(async () => {
    throw new AmpError('unreachable', `try ${++tries}`)
  })
  const errors: string[] = []
  const messages = lateMessages(open, logger(errors))
  const [receipt, other] = [messages.send('amp://a/b', 1), messages.send('amp://a/b', 2)]
  expect(receipt.state).toBe('new')
  await expect(receipt.queued).rejects.toThrow('try 1')
  await expect(other.done).rejects.toThrow('try 1')
  expect(receipt.state).toBe('failed')
  expect(await Array.fromAsync(receipt)).toEqual(['failed'])
  await expect(messages.request('amp://a/b', 1)).rejects.toThrow('try 2')
  const subscription = messages.subscribe('news.*')
  await expect(Array.fromAsync(subscription)).rejects.toThrow('try 3')
  expect(subscription.missed).toBe(0)
  messages.receive('clerk', () => {})()
  await expect(messages.connect('amp://a/b')).rejects.toMatchObject({ code: 'unreachable' })
  expect(errors).toEqual([expect.stringContaining('try 4')])
})

it('[G9.tab] who stops receiving before the code is there, and begins again, receives once', async () => {
  const opened = Promise.withResolvers<Messages>()
  const errors: string[] = []
  const messages = lateMessages(
    openedOnce(() => opened.promise),
    logger(errors),
  )
  const log: string[] = []
  const begin = (agent: string): Cancel => {
    log.push(`+${agent}`)
    return () => void log.push(`-${agent}`)
  }
  const stop = messages.receive('clerk', () => {})
  stop()
  messages.receive('clerk', () => {})
  const refuse = () => {
    throw new AmpError('bad-input', 'not here')
  }
  opened.resolve({
    receive: begin,
    send: refuse,
    request: refuse,
    publish: refuse,
    subscribe: refuse,
    connect: refuse,
    onConnect: refuse,
  })
  await expect(messages.publish('news', 1)).rejects.toThrow('not here')
  expect(log).toEqual(['+clerk', '-clerk', '+clerk'])
  messages.onConnect('clerk', () => {})
  await expect(messages.request('amp://a/b', 1)).rejects.toThrow('not here')
  expect(errors).toEqual([expect.stringContaining('not here')])
})
