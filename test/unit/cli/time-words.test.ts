/** Points in time as people write them. */
import { describe, expect, it } from 'vitest'
import { timeIn, timesIn } from '../../../packages/cli/src/time-words.ts'

const now = Date.parse('2026-11-21T12:00:00Z')
const start = Date.parse('2026-11-21T11:30:00Z')
const frame = { now, start }

describe('times', () => {
  it.each([
    ['now', now],
    ['5m ago', now - 300_000],
    ['1.5 h ago', now - 5_400_000],
    ['250ms ago', now - 250],
    ['+3.2s', start + 3_200],
    ['+3', start + 3_000],
    ['2026-11-21T11:31:00.250Z', start + 60_250],
    ['2026-11-21T13:00:00+02:00', now - 3_600_000],
  ])('%s', (words, time) => {
    expect(timeIn(words.split(' '), frame)).toBe(time)
    expect(timeIn([words], frame)).toBe(time)
  })

  it('of a clock are those of the day of the question, as the log shows them', () => {
    const at = new Date(start)
    at.setHours(7, 8, 9, 250)
    expect(timeIn(['07:08:09.250'], frame)).toBe(at.getTime())
  })

  it('may be several in a row', () => {
    expect(timesIn(['5m', 'ago', 'now'], frame)).toEqual([now - 300_000, now])
    expect(timesIn(['+1s', '+2s'], frame)).toEqual([start + 1_000, start + 2_000])
  })

  it.each([['yesterday'], ['5'], ['5m'], ['+1s soon'], ['2026-13-45'], ['']])(
    '“%s” is none, and it says what is',
    words => {
      expect(() => timeIn([words], frame)).toThrow(/Times are|One time is needed/)
    },
  )
})
