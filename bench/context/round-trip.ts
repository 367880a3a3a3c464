/** How long a word takes from its writer to a reader on this machine: ours, and between y-websocket clients. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { MemoryStorage } from '@amp-mesh/context'
import { createDecoder, readVarUint } from 'lib0/decoding'
import { createEncoder, length, toUint8Array, writeVarUint } from 'lib0/encoding'
import { WebSocketServer } from 'ws'
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { progress } from './clock.ts'
import { member } from './joins.ts'
import { loopback } from './loopback.ts'
import { authors, fact, reader, type Writer } from './material.ts'

/** Milliseconds, by the clock on the wall. */
export interface RoundTrip {
  median: number
  p99: number
}

const WARM = 50

export async function ourRoundTrip(times: number): Promise<RoundTrip> {
  progress(`${times} words, one after the other, from replica to replica`)
  const [author] = authors as [Writer]
  const line = await loopback()
  const [writer, other] = [await member(author, new MemoryStorage()), await member(reader, new MemoryStorage())]
  writer.connect(line.ends[0], reader)
  other.connect(line.ends[1], author)
  const measured = await repeat(times, i => {
    const heard = new Promise<void>(resolve => {
      const stop = other.replica.subscribe(() => {
        stop()
        resolve()
      })
    })
    void writer.replica.append([fact(i)])
    return heard
  })
  line.close()
  await Promise.all([writer.replica.close(), other.replica.close()])
  return measured
}

/** A tiny y-protocols server, and two real clients of it. */
export async function yWebsocketRoundTrip(times: number): Promise<RoundTrip> {
  progress(`${times} words, one after the other, between y-websocket clients`)
  const http = createServer()
  serve(new WebSocketServer({ server: http }))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  // who hears nothing for 30 s connects anew: the one that only says would, on a busy machine
  const options = { disableBc: true, resyncInterval: 10_000 }
  const docs = [new Y.Doc(), new Y.Doc()] as const
  const providers = docs.map(doc => new WebsocketProvider(`ws://127.0.0.1:${address.port}`, 'bench', doc, options))
  await Promise.all(providers.map(provider => new Promise(resolve => provider.once('sync', resolve))))
  const measured = await repeat(times, i => {
    const heard = new Promise<void>(resolve => docs[1].once('update', () => resolve()))
    docs[0].getMap('facts').set(`${i}`, fact(i))
    return heard
  })
  for (const provider of providers) provider.destroy()
  http.close()
  http.closeAllConnections()
  return measured
}

const SYNC = 0

function serve(server: WebSocketServer): void {
  const doc = new Y.Doc()
  server.on('connection', socket => {
    socket.binaryType = 'arraybuffer'
    const tell = (update: Uint8Array, origin: unknown) => {
      if (origin === socket) return
      const encoder = createEncoder()
      writeVarUint(encoder, SYNC)
      writeUpdate(encoder, update)
      socket.send(toUint8Array(encoder))
    }
    doc.on('update', tell)
    const question = createEncoder()
    writeVarUint(question, SYNC)
    writeSyncStep1(question, doc) // what a client said while it was away
    socket.send(toUint8Array(question))
    socket.on('close', () => doc.off('update', tell))
    socket.on('message', data => {
      const decoder = createDecoder(new Uint8Array(data as ArrayBuffer))
      const encoder = createEncoder()
      if (readVarUint(decoder) !== SYNC) return
      writeVarUint(encoder, SYNC)
      readSyncMessage(decoder, encoder, doc, socket)
      if (length(encoder) > 1) socket.send(toUint8Array(encoder))
    })
  })
}

async function repeat(times: number, once: (i: number) => Promise<void>): Promise<RoundTrip> {
  const measured: number[] = []
  for (let i = -WARM; i < times; i++) {
    const started = performance.now()
    await once(i + WARM)
    if (i >= 0) measured.push(performance.now() - started)
  }
  measured.sort((a, b) => a - b)
  const at = (share: number) => measured[Math.floor(measured.length * share)] ?? Number.NaN
  return { median: at(0.5), p99: at(0.99) }
}
