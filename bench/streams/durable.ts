/** Letters that are durable on both sides before they count: ours, and two Level stores over a bare TCP connection. */
import { mkdtemp } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AgentId, agentIdOf, DELIVERY_LIMITS, type Json } from '@amp-mesh/protocol'
import { ClassicLevel } from 'classic-level'
import { Packr } from 'msgpackr'
import { GroupCommit } from '../../packages/peer/src/group-commit.ts'
import { linkedTo, startPeer } from './amp.ts'
import type { Client, Contender, Letter } from './contender.ts'
import { joined, Parting } from './joined.ts'

const AGENT = 'clerk'
const packr = new Packr({ useRecords: false })

/** Durable letters on their way at once, of both: the product's own window. */
const WINDOW = DELIVERY_LIMITS.window

export const ampDurable: Contender = {
  name: 'AMP send, acknowledged when durable',
  async serve() {
    const peer = await startPeer('server')
    peer.receive(AGENT, () => undefined)
    return { address: peer.addresses().find(each => each.includes('/ws')) ?? 'no address' }
  },
  async dial(address) {
    const peer = await startPeer('client', address)
    const to: AgentId = agentIdOf(linkedTo(peer) ?? '', AGENT)
    const send = async (letter: Letter) => {
      await peer.send(to, { ...letter } satisfies Json).stored
    }
    return new DurableClient(send, () => peer.stop())
  },
}

export const levelOverTcp: Contender = {
  name: 'two group-committing Level stores over TCP',
  async serve() {
    const store = await DurableStore.open()
    const server = createServer({ noDelay: true }, socket => {
      const parting = new Parting()
      socket.on('data', chunk => {
        for (const body of parting.push(chunk)) {
          const { seq } = packr.unpack(body) as { seq: number }
          void store.put(seq, body).then(() => socket.write(joined([packr.pack(seq)])))
        }
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return { address: String((server.address() as AddressInfo).port) }
  },
  async dial(address) {
    const [store, socket] = [await DurableStore.open(), connect({ port: Number(address), noDelay: true })]
    await new Promise(resolve => socket.once('connect', resolve))
    const acked = acknowledgements(socket)
    let last = 0
    const send = async (letter: Letter) => {
      const seq = ++last
      const body = Buffer.from(packr.pack({ seq, letter }))
      await store.put(seq, body)
      const ack = acked(seq)
      socket.write(joined([body]))
      await ack
      store.forget(seq)
    }
    return new DurableClient(send, async () => void socket.destroy())
  },
}

class DurableClient implements Client {
  readonly #send: (letter: Letter) => Promise<void>
  readonly close: () => Promise<void>

  /** `send` resolves when the letter is durable there. */
  constructor(send: (letter: Letter) => Promise<void>, close: () => Promise<void>) {
    this.#send = send
    this.close = close
  }

  async flood(letter: Letter, times: number): Promise<number> {
    let [left, durable] = [times, 0]
    const sender = async () => {
      while (left-- > 0) {
        await this.#send(letter)
        durable++
      }
    }
    await Promise.all(Array.from({ length: WINDOW }, sender))
    return durable
  }

  /** One letter alone: its commit here, its commit there, its acknowledgement. */
  async roundTrip(): Promise<void> {
    const letter = { v: 1, id: '', type: 'broadcast', from: '', query: '', thread: '', ts: 0, refs: [] }
    await this.#send(letter)
  }
}

/** What comes while a commit is made goes into the next one. */
class DurableStore {
  readonly #commit: GroupCommit
  /** Acknowledged: they are deleted with the next commit. */
  #forgotten: { type: 'del'; key: string }[] = []

  static async open(): Promise<DurableStore> {
    const folder = join(await mkdtemp(join(tmpdir(), 'amp-mesh-bench-')), 'store')
    return new DurableStore(new ClassicLevel<string, Uint8Array>(folder, { valueEncoding: 'view' }))
  }

  private constructor(level: ClassicLevel<string, Uint8Array>) {
    this.#commit = new GroupCommit(ops => {
      const puts = ops.flatMap(op => ('put' in op ? { type: 'put' as const, key: op.put, value: op.value } : []))
      const dels = this.#forgotten
      this.#forgotten = []
      return level.batch([...puts, ...dels], { sync: true })
    })
  }

  put(seq: number, value: Uint8Array): Promise<void> {
    return this.#commit.write([{ put: keyOf(seq), value }])
  }

  forget(seq: number): void {
    this.#forgotten.push({ type: 'del', key: keyOf(seq) })
  }
}

const keyOf = (seq: number) => String(seq).padStart(12, '0')

/** Resolves for each sequence when it was acknowledged. */
function acknowledgements(socket: Socket): (seq: number) => Promise<void> {
  const waiting = new Map<number, () => void>()
  const parting = new Parting()
  socket.on('data', chunk => {
    for (const body of parting.push(chunk)) {
      const seq = packr.unpack(body) as number
      waiting.get(seq)?.()
      waiting.delete(seq)
    }
  })
  return seq => new Promise(resolve => waiting.set(seq, resolve))
}
