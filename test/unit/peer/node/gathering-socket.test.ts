/** What libp2p sends in pieces, as the other side of a WebSocket sees it. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { gathering } from '../../../../packages/peer/src/node/gathering-socket.ts'

const KiB = 1024
let server: WebSocketServer
afterEach(() => server.close())

/** A gathering socket, and the sizes of the frames that come of it, once it is closed. */
async function linked(): Promise<{ socket: WebSocket; frames: Promise<number[]> }> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const frames = once(server, 'connection').then(async ([there]: WebSocket[]) => {
    const sizes: number[] = []
    there?.on('message', data => sizes.push((data as Buffer).length))
    await once(there as WebSocket, 'close')
    return sizes
  })
  await once(socket, 'open')
  return { socket: gathering(socket), frames }
}

it('joins the pieces of a turn, those of its microtasks too, and not those of the next turn', async () => {
  const { socket, frames } = await linked()
  for (const size of [2, 12, 100]) socket.send(new Uint8Array(size))
  for (let hop = 0; hop < 20; hop++) await undefined
  socket.send(new Uint8Array(16))
  await new Promise(resolve => setImmediate(resolve))
  socket.send(new Uint8Array(5))
  await new Promise(resolve => setImmediate(resolve))
  socket.close()
  expect(await frames).toEqual([130, 5])
})

it('holds back 64 KiB at most, and nothing when it is closed', async () => {
  const { socket, frames } = await linked()
  for (let n = 0; n < 5; n++) socket.send(new Uint8Array(30 * KiB))
  socket.close()
  expect(await frames).toEqual([90 * KiB, 60 * KiB])
})
