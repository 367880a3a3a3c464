/** Waits that end. */
import { aborted, orAborted, withDeadline } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { TestClock } from '../discovery/mesh.ts'

const never = new AbortController().signal
const forever = () => new Promise<never>(() => {})

describe('withDeadline', () => {
  it('gives the outcome, and leaves no timer behind', async () => {
    const clock = new TestClock()
    expect(await withDeadline(clock, 10, never, async () => 'done')).toBe('done')
    await expect(withDeadline(clock, 10, never, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(clock.waiting).toBe(0)
  })

  it('rejects at the deadline, and tells the task', async () => {
    const clock = new TestClock()
    let told = false
    const outcome = withDeadline(clock, 10, never, signal => {
      signal.addEventListener('abort', () => {
        told = true
      })
      return forever()
    })
    const rejection = expect(outcome).rejects.toMatchObject({ code: 'unreachable' })
    await clock.advance(9)
    expect(told).toBe(false)
    await clock.advance(1)
    await rejection
    expect(told).toBe(true)
  })

  it('rejects with the signal’s reason', async () => {
    const clock = new TestClock()
    const stop = new AbortController()
    const rejection = expect(withDeadline(clock, 10, stop.signal, forever)).rejects.toThrow('enough')
    stop.abort(new Error('enough'))
    await rejection
    expect(clock.waiting).toBe(0)
    await expect(withDeadline(clock, 10, stop.signal, async () => 1)).rejects.toThrow('enough')
  })
})

describe('a signal', () => {
  it('ends a wait when it aborts, or has aborted', async () => {
    const stop = new AbortController()
    const waits = [aborted(stop.signal), expect(orAborted(forever(), stop.signal)).rejects.toThrow('enough')]
    stop.abort(new Error('enough'))
    await Promise.all(waits)
    await aborted(stop.signal)
    await expect(orAborted(forever(), stop.signal)).rejects.toThrow('enough')
  })

  it('changes nothing for what comes before', async () => {
    expect(await orAborted(Promise.resolve('done'), never)).toBe('done')
    await expect(orAborted(Promise.reject(new Error('no')), never)).rejects.toThrow('no')
  })
})
