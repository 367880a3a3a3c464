/**
 * The pure heart of delivery against what it promises (RELIABILITY P2): two lines, two disks and a link, on which
 * anything may be cut, lost, killed or come late, in any order.
 */
import { DELIVERY_LIMITS, type Letter, utf8 } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { creditOf, InboxLine } from '../../../../packages/peer/src/delivery/inbox-line.ts'
import { OutboxLine, type Queued } from '../../../../packages/peer/src/delivery/outbox-line.ts'

const STEPS = [
  ...['send', 'commit out', 'depart', 'arrive', 'commit in', 'handle', 'answer', 'cut', 'link', 'again'],
  ...['kill sender', 'kill receiver', 'new disk', 'withdraw'],
] as const
type Step = (typeof STEPS)[number]

interface Parcel {
  epoch: number
  after: number
  letters: Letter[]
}

/** Everything a sender and a receiver are, with what is on their disks kept apart from what is in their memory. */
class World {
  readonly acknowledged = new Set<string>()
  /** By message: how often its effect took place. */
  readonly effects = new Map<string, number>()
  /** Messages that may be missing in the end: withdrawn, or lost with a disk, before they were acknowledged. */
  readonly excused = new Set<string>()
  #sent = 0
  #epoch = 1
  #outDisk = new Map<number, Letter>()
  #outDiskNext = 1
  #outbox = new OutboxLine(1)
  #names = new Map<string, string>()
  #seenDisk = new Map<number, number>()
  #inDisk = new Map<string, Letter>()
  #inbox = new Map<number, InboxLine>()
  #uncommitted: { epoch: number; letter: Letter }[] = []
  #linked = false
  #there: Parcel[] = []
  #back: { epoch: number; stored: number; credit: number }[] = []

  do(step: Step): void {
    if (step === 'send') this.#send()
    else if (step === 'commit out') this.#commitOut()
    else if (step === 'depart') this.#depart()
    else if (step === 'arrive') this.#arrive()
    else if (step === 'commit in') this.#commitIn()
    else if (step === 'handle') this.#handle()
    else if (step === 'answer') this.#answer()
    else if (step === 'cut') this.#cut()
    else if (step === 'link') this.#link()
    else if (step === 'again') this.#outbox.sendAgain()
    else if (step === 'kill sender') this.#restartSender()
    else if (step === 'kill receiver') this.#restartReceiver()
    else if (step === 'new disk') this.#newDisk()
    else this.#withdraw()
  }

  /** Nothing fails any more. */
  settle(): void {
    for (let round = 0; round < 500; round++) {
      if (!this.#linked) this.#link()
      for (const step of ['commit out', 'depart', 'arrive', 'commit in', 'answer', 'handle'] as const) this.do(step)
      if (this.#outbox.size === 0 && this.#inDisk.size === 0 && this.#uncommitted.length === 0) return
      if (round % 20 === 19) this.#outbox.sendAgain()
    }
  }

  get sent(): string[] {
    return Array.from({ length: this.#sent }, (_, n) => `message ${n}`)
  }

  #send(): void {
    const name = `message ${this.#sent++}`
    const letter = this.#outbox.add({ to: 'clerk', body: utf8(name), deadline: 1_000 })
    this.#names.set(`${this.#epoch}/${letter.seq}`, name)
  }

  #commitOut(): void {
    for (let seq = this.#outDiskNext; seq < this.#outbox.next; seq++) {
      const name = this.#names.get(`${this.#epoch}/${seq}`)
      if (name !== undefined && !this.excused.has(name))
        this.#outDisk.set(seq, { seq, to: 'clerk', body: utf8(name), deadline: 1_000 })
    }
    this.#outDiskNext = this.#outbox.next
    this.#outbox.durable(this.#outbox.next - 1)
  }

  #depart(): void {
    const departure = this.#linked ? this.#outbox.departure() : undefined
    if (departure === undefined) return
    const letters = departure.queued.map(({ seq }) => this.#outDisk.get(seq) as Letter)
    this.#there.push({ epoch: this.#epoch, after: departure.after, letters })
    this.#outbox.departed(letters.at(-1)?.seq ?? 0)
  }

  #arrive(): void {
    const parcel = this.#there.shift()
    if (parcel === undefined) return
    const line = this.#inbox.get(parcel.epoch) ?? new InboxLine(parcel.epoch)
    this.#inbox.set(parcel.epoch, line)
    const taken = line.take(parcel.after, parcel.letters, creditOf(this.#inbox.values()))
    this.#uncommitted.push(...taken.map(letter => ({ epoch: parcel.epoch, letter })))
    if (taken.length === 0) this.#tell(line)
  }

  #commitIn(): void {
    const lines = new Set<InboxLine>()
    for (const { epoch, letter } of this.#uncommitted.splice(0)) {
      this.#inDisk.set(`${epoch}/${letter.seq}`, letter)
      this.#seenDisk.set(epoch, letter.seq)
      const line = this.#inbox.get(epoch) as InboxLine
      line.durable(letter.seq)
      lines.add(line)
    }
    for (const line of lines) this.#tell(line)
  }

  #handle(): void {
    for (const [place, letter] of [...this.#inDisk].slice(0, 5)) {
      const [epoch, seq] = place.split('/').map(Number) as [number, number]
      this.#inDisk.delete(place)
      const name = new TextDecoder().decode(letter.body)
      this.effects.set(name, (this.effects.get(name) ?? 0) + 1)
      const line = this.#inbox.get(epoch) as InboxLine
      line.handled({ seq })
      this.#tell(line)
    }
  }

  #tell(line: InboxLine): void {
    if (this.#linked)
      this.#back.push({ epoch: line.epoch, stored: line.stored, credit: creditOf(this.#inbox.values()) })
  }

  #answer(): void {
    const answer = this.#back.shift()
    if (answer === undefined || answer.epoch !== this.#epoch) return
    for (const { seq } of this.#outbox.stored(answer.stored, answer.credit)) {
      this.acknowledged.add(this.#names.get(`${this.#epoch}/${seq}`) ?? '')
      this.#outDisk.delete(seq)
    }
  }

  #cut(): void {
    this.#linked = false
    this.#there = []
    this.#back = []
    this.#outbox.linkDown()
  }

  #link(): void {
    this.#cut()
    this.#linked = true
    this.#outbox.linkUp()
    for (const line of this.#inbox.values()) this.#tell(line)
  }

  #restartSender(): void {
    this.#cut()
    for (let seq = this.#outDiskNext; seq < this.#outbox.next; seq++) this.#excuse(seq)
    const queued = [...this.#outDisk.values()].map(
      (letter): Queued => ({ seq: letter.seq, size: letter.body.length, deadline: letter.deadline, letter }),
    )
    this.#outbox = new OutboxLine(this.#epoch, this.#outDiskNext, queued)
  }

  #restartReceiver(): void {
    this.#cut()
    this.#uncommitted = []
    this.#inbox = new Map([...this.#seenDisk].map(([epoch, seq]) => [epoch, new InboxLine(epoch, seq)]))
    for (const [place, { body }] of this.#inDisk) {
      const [epoch, seq] = place.split('/').map(Number) as [number, number]
      this.#inbox.get(epoch)?.opened(seq, body.length)
    }
  }

  #newDisk(): void {
    for (const seq of this.#outDisk.keys()) this.#excuse(seq)
    this.#restartSender()
    this.#outDisk.clear()
    this.#outDiskNext = 1
    this.#outbox = new OutboxLine(++this.#epoch)
  }

  #withdraw(): void {
    const { first } = this.#outbox
    if (this.#outbox.withdraw(first) === undefined) return
    this.#outDisk.delete(first)
    this.#excuse(first)
  }

  #excuse(seq: number): void {
    const name = this.#names.get(`${this.#epoch}/${seq}`)
    if (name !== undefined && !this.acknowledged.has(name)) this.excused.add(name)
  }
}

it('[G9.once] whatever is cut, killed or lost when: nothing acknowledged is lost, nothing takes effect twice', () => {
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...STEPS.slice(0, 7)) },
    { weight: 2, arbitrary: fc.constantFrom(...STEPS.slice(7)) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), steps => {
      const world = new World()
      for (const each of steps) world.do(each)
      world.settle()
      const missing = world.sent.filter(name => !world.effects.has(name) && !world.excused.has(name))
      const lost = [...world.acknowledged].filter(name => !world.effects.has(name))
      const twice = [...world.effects].filter(([, times]) => times > 1)
      expect({ missing, lost, twice }).toEqual({ missing: [], lost: [], twice: [] })
    }),
    { numRuns: 2_000 },
  )
})

it('no more is on its way than the receiver gives credit for, however much waits', () => {
  const line = new OutboxLine(1)
  for (let n = 0; n < 500; n++) line.add({ to: 'clerk', body: utf8('x'), deadline: 1_000 })
  line.durable(500)
  line.linkUp()
  expect(line.departure()?.queued).toHaveLength(DELIVERY_LIMITS.firstCredit)
  line.departed(DELIVERY_LIMITS.firstCredit)
  line.stored(DELIVERY_LIMITS.firstCredit, 1_000)
  expect(line.departure()?.queued).toHaveLength(DELIVERY_LIMITS.window)
  line.stored(DELIVERY_LIMITS.firstCredit, 0)
  expect(line.departure()).toBeUndefined()
})

it('a receiver whose agents are slow gives no more credit, and takes no more', () => {
  const line = new InboxLine(1)
  const letters = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({ seq: from + n, to: 'clerk', body: utf8('x'), deadline: 1_000 }))
  for (let from = 1; from <= DELIVERY_LIMITS.unhandled; from += 64)
    expect(line.take(from - 1, letters(from, 64), creditOf([line]))).toHaveLength(64)
  expect(creditOf([line])).toBe(0)
  expect(line.take(DELIVERY_LIMITS.unhandled, letters(DELIVERY_LIMITS.unhandled + 1, 1), creditOf([line]))).toEqual([])
  line.handled({ seq: 1 })
  expect(creditOf([line])).toBe(1)
})
