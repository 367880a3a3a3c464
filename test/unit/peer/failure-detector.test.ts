import { describe, expect, it } from 'vitest'
import { FailureDetector } from '../../../packages/peer/src/failure-detector.ts'

const ada = 'ada'
const changes = (detector: FailureDetector) => detector.takeChanges().map(each => each.suspected)

describe('failure detector', () => {
  it('suspects a connected peer after three unanswered pings, and trusts it again when it speaks', () => {
    const detector = new FailureDetector()
    detector.connected(ada, 0)
    for (const now of [1_000, 2_000, 3_000]) {
      detector.tick(now)
      expect(detector.state(ada)).toBe('reachable')
      detector.pinged(ada, now)
    }
    detector.tick(4_000)
    expect(detector.state(ada)).toBe('suspected')
    detector.heard(ada, 4_100)
    expect(detector.state(ada)).toBe('reachable')
    expect(changes(detector)).toEqual([true, false])
  })

  it('takes a connection for dead after ten unanswered pings, once', () => {
    const detector = new FailureDetector()
    detector.connected(ada, 0)
    for (let now = 1_000; now <= 10_000; now += 1_000) {
      expect(detector.takeDead()).toEqual([])
      detector.pinged(ada, now)
      detector.tick(now)
    }
    expect(detector.takeDead()).toEqual([ada])
    expect(detector.takeDead()).toEqual([])
    expect(detector.state(ada)).toBe('suspected')
  })

  it('counts anything heard as an answer', () => {
    const detector = new FailureDetector()
    detector.connected(ada, 0)
    for (let now = 1_000; now < 20_000; now += 1_000) {
      detector.pinged(ada, now)
      detector.heard(ada, now + 10, true)
      detector.tick(now + 20)
    }
    expect(detector.state(ada)).toBe('reachable')
    expect(detector.rttMs(ada)).toBe(10)
  })

  it('gives a peer that disconnected as long as three pings, or until a dial fails', () => {
    const detector = new FailureDetector()
    detector.connected(ada, 0)
    detector.disconnected(ada, 100)
    detector.tick(3_000)
    expect(detector.state(ada)).toBe('connecting')
    detector.tick(3_100)
    expect(detector.state(ada)).toBe('suspected')

    detector.wanted('bob', 0)
    detector.dialFailed('bob', 5)
    expect(detector.state('bob')).toBe('suspected')
  })

  it('does not take a failed dial for news of a connected peer', () => {
    const detector = new FailureDetector()
    detector.connected(ada, 0)
    detector.dialFailed(ada, 1)
    expect(detector.state(ada)).toBe('reachable')
    expect(changes(detector)).toEqual([])
  })

  it('forgets whom nobody reached longest ago, never one that is reachable', () => {
    const detector = new FailureDetector()
    detector.connected(ada, 0)
    for (let i = 0; i < 1_100; i++) {
      detector.wanted(`peer ${i}`, i)
      detector.dialFailed(`peer ${i}`, i)
    }
    expect(detector.state(ada)).toBe('reachable')
    expect(detector.state('peer 0')).toBeUndefined()
    expect(detector.state('peer 1099')).toBe('suspected')
  })
})
