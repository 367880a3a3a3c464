import { FAILURE_DETECTION } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { FailureDetector } from '../../../packages/peer/src/failure-detector.ts'

const ada = 'ada'
const { deadMs, goneMs, measureMs } = FAILURE_DETECTION

/** A detector, its clock, and a peer that answers at once until it is silent. */
class Watched {
  readonly detector = new FailureDetector()
  readonly changes: string[] = []
  readonly dead: string[] = []
  now = 0
  pings = 0
  isSilent = false
  /** Linked as well, and never silent. */
  others: string[] = []

  constructor() {
    this.detector.connected(ada, 0)
  }

  /** There are sixty with it. */
  crowd(): void {
    this.others = Array.from({ length: 59 }, (_, n) => `other ${n}`)
    for (const other of this.others) this.detector.connected(other, this.now)
  }

  /** Lets time pass, beat by beat. */
  run(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += this.detector.beatMs
      this.beat()
    }
  }

  /** The whole process is stopped for so long. */
  stop(ms: number): void {
    this.now += ms
    this.beat()
  }

  beat(): void {
    const { detector, now } = this
    for (const other of this.others) detector.heard(other, now)
    detector.tick(now)
    this.changes.push(...detector.takeChanges().map(({ state, why }) => (why ? `${state}: ${why}` : state)))
    this.dead.push(...detector.takeDead())
    if (!detector.isPingDue(ada, now)) return
    detector.pinged(ada, ++this.pings, now)
    if (this.isSilent) return
    detector.heard(ada, now + 10)
    detector.ponged(ada, this.pings, now + 10)
  }
}

describe('failure detector', () => {
  it('suspects a silent peer within 5 s, trusts it when it speaks, and forgets that silence', () => {
    for (const running of [0, 1_000, 600_000]) {
      const watched = new Watched()
      watched.run(running)
      watched.isSilent = true
      watched.run(2_500)
      expect(watched.detector.state(ada)).toBe('reachable')
      watched.run(2_500)
      expect(watched.detector.state(ada)).toBe('suspected')
      watched.isSilent = false
      watched.run(1_000)
      expect(watched.changes).toEqual(['suspected: silent', 'reachable'])
      watched.isSilent = true
      watched.run(5_000)
      expect(watched.detector.state(ada)).toBe('suspected')
    }
  })

  it('pings only where nothing is heard, and measures the round trip now and then all the same', () => {
    const watched = new Watched()
    for (let i = 0; i < 240; i++) {
      watched.run(250)
      watched.detector.heard(ada, watched.now)
    }
    expect(watched.pings).toBeLessThanOrEqual(60_000 / measureMs + 1)
    expect(watched.detector.rttMs(ada)).toBe(10)
    const quiet = new Watched()
    quiet.run(60_000)
    expect(quiet.pings).toBeGreaterThan(45)
  })

  describe('with sixty peers', () => {
    const crowd = () => {
      const watched = new Watched()
      watched.crowd()
      return watched
    }

    it('pings less often who says nothing but pongs, and sees all the same who was stopped', () => {
      const watched = crowd()
      watched.run(60_000)
      expect(watched.pings).toBeLessThan(18)
      expect(watched.pings).toBeGreaterThan(13)
      expect(watched.changes.filter(change => change === 'reachable')).toEqual([])
      expect(watched.detector.state(ada)).toBe('reachable')
      watched.isSilent = true
      watched.run(12_000)
      expect(watched.detector.state(ada)).toBe('suspected')
    })

    it('watches those closely that it does something with', () => {
      for (const before of [0, 1_000, 600_000]) {
        const watched = crowd()
        watched.run(before)
        watched.detector.worked(ada, watched.now)
        watched.run(10_000)
        watched.isSilent = true
        watched.run(2_500)
        expect(watched.detector.state(ada)).toBe('reachable')
        watched.run(2_500)
        expect(watched.detector.state(ada)).toBe('suspected')
      }
    })

    it('suspects nobody for the work being over, or for the crowd that came', () => {
      const watched = new Watched()
      watched.run(300_000)
      watched.crowd()
      watched.run(60_000)
      watched.detector.worked(ada, watched.now)
      watched.run(300_000)
      expect(watched.detector.state(ada)).toBe('reachable')
      expect(watched.changes.filter(change => change === 'reachable')).toEqual([])
    })

    it('pings as often as ever when they have gone', () => {
      const watched = crowd()
      watched.run(60_000)
      for (const other of watched.others) watched.detector.disconnected(other, watched.now)
      watched.pings = 0
      watched.run(60_000)
      expect(watched.pings).toBeGreaterThan(45)
    })
  })

  it('measures with the pong of the ping, not of a later one', () => {
    const detector = new FailureDetector()
    detector.connected(ada, 0)
    detector.pinged(ada, 1, 0)
    detector.pinged(ada, 2, 1_000)
    detector.ponged(ada, 1, 1_600)
    expect(detector.rttMs(ada)).toBe(1_600)
  })

  it('learns that a network is slow', () => {
    const watched = new Watched()
    watched.isSilent = true
    let rhythm = 0
    for (let i = 0; i < 100; i++) {
      watched.run([1_000, 2_500, 3_000][rhythm++ % 3] ?? 0)
      watched.detector.heard(ada, watched.now)
    }
    // work that begins is no reason to forget it
    watched.detector.worked(ada, watched.now)
    watched.changes.length = 0
    watched.run(6_000)
    expect(watched.changes).toEqual([])
    watched.run(6_000)
    expect(watched.changes).toEqual(['suspected: silent'])
  })

  it('takes the connection of a silent peer for dead, once', () => {
    const watched = new Watched()
    watched.isSilent = true
    watched.run(deadMs - 1_000)
    expect(watched.dead).toEqual([])
    watched.run(deadMs)
    expect(watched.dead).toEqual([ada])
  })

  it('calls gone who is suspected for long, and takes it back when it returns', () => {
    const watched = new Watched()
    watched.isSilent = true
    watched.run(goneMs)
    expect(watched.changes).toEqual(['suspected: silent'])
    watched.run(5_000)
    expect(watched.changes).toEqual(['suspected: silent', 'gone: silent'])
    watched.detector.connected(ada, watched.now)
    watched.run(250)
    expect(watched.changes.at(-1)).toBe('reachable')
  })

  it('calls gone at once who says goodbye, connected or not', () => {
    const watched = new Watched()
    watched.detector.left(ada, 0)
    watched.detector.heard(ada, 1)
    watched.detector.disconnected(ada, 2)
    watched.run(1_000)
    expect(watched.changes).toEqual(['gone: left'])
    watched.detector.left('bob', 0)
    expect([watched.detector.state('bob'), watched.detector.absence('bob')]).toEqual(['gone', 'left'])
  })

  it('gives a peer that disconnected as long as a silent one, or until a dial fails', () => {
    const watched = new Watched()
    watched.run(1_000)
    watched.detector.disconnected(ada, watched.now)
    watched.run(2_000)
    expect(watched.detector.state(ada)).toBe('connecting')
    watched.run(3_000)
    expect(watched.changes).toEqual(['suspected: unreachable'])

    watched.detector.wanted('bob', watched.now)
    watched.detector.dialFailed('bob', watched.now)
    expect(watched.detector.absence('bob')).toBe('unreachable')
  })

  it('does not hold against others that it was stopped itself', () => {
    const watched = new Watched()
    watched.run(5_000)
    watched.stop(30_000)
    watched.run(5_000)
    watched.stop(600_000)
    watched.run(5_000)
    expect([watched.changes, watched.dead]).toEqual([[], []])
  })

  it('does not mind a clock that is set back', () => {
    const watched = new Watched()
    watched.run(5_000)
    watched.now -= 3_600_000
    watched.run(5_000)
    expect(watched.changes).toEqual([])
    watched.isSilent = true
    watched.run(6_000)
    expect(watched.changes).toEqual(['suspected: silent'])
  })

  it('does not take a failed dial for news of a connected peer', () => {
    const watched = new Watched()
    watched.detector.dialFailed(ada, 1)
    watched.run(1_000)
    expect(watched.changes).toEqual([])
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
