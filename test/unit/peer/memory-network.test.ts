/** What only the switchboard can do: cut wires, take time, and tell the same story twice. */
import type { Cancel, Clock, PeerId } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import { type MemoryNetwork, MemorySwitchboard } from '../../../packages/peer/src/memory-network.ts'
import { eventually } from '../../until.ts'

const TOPIC = 'topic'

async function village(board: MemorySwitchboard, names: readonly PeerId[]): Promise<MemoryNetwork[]> {
  const networks = names.map(name => board.network(name))
  for (const network of networks) await network.start()
  return networks
}

it('cuts a mesh in two: connections and streams end on both sides, dials fail, gossip stays on its side', async () => {
  const board = new MemorySwitchboard()
  const networks = await village(board, ['a', 'b', 'c', 'd'])
  const [a, b, c, d] = networks as [MemoryNetwork, MemoryNetwork, MemoryNetwork, MemoryNetwork]
  const heard: string[] = []
  for (const network of networks) {
    network.subscribe(TOPIC, (_bytes, from) => {
      heard.push(`${network.self}<${from}`)
      return 'accept'
    })
    for (const other of networks) if (other !== network) await network.connect(`/memory/${other.self}`)
  }
  c.handle('/p', 1, () => {})
  const stream = await a.open('c', '/p')
  const gone: string[] = []
  for (const network of [a, c]) network.on('disconnect', peer => gone.push(`${network.self} lost ${peer}`))

  board.cut(['a', 'b'], ['c', 'd'])
  await eventually(() => gone.length === 4)
  expect(gone.sort()).toEqual(['a lost c', 'a lost d', 'c lost a', 'c lost b'])
  expect(() => stream.send(Uint8Array.of(1))).toThrow()
  await expect(a.connect('/memory/c')).rejects.toMatchObject({ code: 'unreachable' })
  await a.publish(TOPIC, Uint8Array.of(1))
  await d.publish(TOPIC, Uint8Array.of(2))
  await eventually(() => heard.length === 2)
  expect(heard.sort()).toEqual(['b<a', 'c<d'])

  board.heal()
  await b.connect('/memory/c')
  await a.publish(TOPIC, Uint8Array.of(3))
  await eventually(() => heard.includes('d<a'))
})

it('takes the time of its clock, and keeps the order of bytes', async () => {
  const clock = new StepClock()
  const board = new MemorySwitchboard({ clock, latencyMs: 50 })
  const [a, b] = (await village(board, ['a', 'b'])) as [MemoryNetwork, MemoryNetwork]
  const got: number[] = []
  b.handle('/p', 1, async stream => {
    for await (const chunk of stream.incoming()) got.push(clock.now(), ...chunk)
  })
  const opening = a.open('b', '/p')
  await clock.advance(50)
  const stream = await opening
  stream.send(Uint8Array.of(1))
  stream.send(Uint8Array.of(2))
  await clock.advance(49)
  expect(got).toEqual([])
  await clock.advance(51)
  expect(got).toEqual([100, 1, 100, 2])
})

it('refuses a second peer of the same name', async () => {
  const board = new MemorySwitchboard()
  await village(board, ['a'])
  await expect(board.network('a').start()).rejects.toMatchObject({ code: 'bad-input' })
})

class StepClock implements Clock {
  #time = 0
  #timers: { due: number; action: () => void }[] = []
  now = () => this.#time
  after(ms: number, action: () => void): Cancel {
    const timer = { due: this.#time + ms, action }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(each => each !== timer)
    }
  }
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms
    for (;;) {
      const next = this.#timers.filter(timer => timer.due <= end).sort((x, y) => x.due - y.due)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter(timer => timer !== next)
      this.#time = next.due
      next.action()
      await new Promise(resolve => setImmediate(resolve))
    }
    this.#time = end
  }
}
