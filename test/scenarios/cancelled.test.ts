/** The asker stops asking: everybody sees the cancel, and the agents stop at once. */
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'
import { specialist, TRIP } from './specialists.ts'
import { said, Village } from './village.ts'

it('[G7.cancel] an aborted question is cancelled everywhere, and agents stop within a second', async () => {
  const village = await Village.found()
  onTestFinished(() => village.close())
  const stoppedAt: number[] = []
  let working = 0
  const tireless = (name: string) =>
    specialist(name, `books travel, flights and hotel in New York, ${name}`, {
      first: ({ signal }) =>
        new Promise((_, reject) => {
          working++
          signal.addEventListener('abort', () => {
            stoppedAt.push(performance.now())
            reject(signal.reason)
          })
        }),
    })
  const asker = await village.peer('asker')
  const peers = [await village.peer('one', [tireless('one')]), await village.peer('two', [tireless('two')])]
  await village.gathered()

  const stop = new AbortController()
  const asking = asker.ask(TRIP, { signal: stop.signal })
  const space = await asking.space
  await until('both agents at work', () => working === 2)
  const abortedAt = performance.now()
  stop.abort()

  expect(await asking.answer).toMatchObject({ outcome: 'cancelled' })
  await until('both agents stopped', () => stoppedAt.length === 2)
  // within a second of the abort; the slack is this machine's
  for (const at of stoppedAt) expect(at - abortedAt).toBeLessThan(1_000 + 2_000)
  for (const peer of peers) await until('the cancel is seen', () => said(peer, space, 'cancel').length === 1)
  for (const peer of peers) expect(said(peer, space, 'synthesis')).toEqual([])
})
