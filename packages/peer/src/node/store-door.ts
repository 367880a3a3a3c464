/**
 * A window on a running peer's store, for the commands of its owner: Level lets one process in, and that is the peer.
 * It only reads, on the peer's own port, with a token that lies in the data folder, which only its owner can read.
 */
import { timingSafeEqual } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Random, type Storage, sha256, toBase64url, utf8 } from '@amp-mesh/protocol'
import type { FrontServer } from './front-server.ts'

export interface StoreDoorInit {
  front: FrontServer
  storage: Storage
  /** The peer's data folder. */
  folder: string
  random: Random
  /** What clients of the rooms show. */
  roomsToken: string
}

/** What the file `door` in a data folder says. */
export interface DoorFile {
  url: string
  token: string
  /** Where the rooms are, as `host:port`, and what their clients show. */
  rooms: { authority: string; token: string }
}

export const DOOR_FILE = 'door'
const PATH = '/store'

/** Opens the door of a peer that listens. The function returned shuts it. */
export async function openStoreDoor(init: StoreDoorInit): Promise<() => Promise<void>> {
  const { front, storage, folder, random, roomsToken } = init
  const { authority = '' } = front
  const token = toBase64url(random.bytes(16))
  const expected = sha256(utf8(`Bearer ${token}`))
  const unregister = front.page(PATH, (request, response) => {
    const { authorization = '', origin } = request.headers
    // no page of a browser has any business here, whatever it knows
    const isOwner = origin === undefined && timingSafeEqual(sha256(utf8(authorization)), expected)
    if (isOwner) void answer(storage, request, response)
    else response.writeHead(401, { connection: 'close' }).end()
  })
  const file = join(folder, DOOR_FILE)
  const door: DoorFile = { url: `http://${authority}${PATH}`, token, rooms: { authority, token: roomsToken } }
  await rm(file, { force: true }) // `mode` counts for a new file only
  await writeFile(file, JSON.stringify(door), { mode: 0o600 })
  return async () => {
    unregister()
    await rm(file, { force: true })
  }
}

/** `?from=…&to=…`: the pairs of that range, one `[key, base64url]` a line, as they stand at one moment. */
async function answer(storage: Storage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(request.url ?? '', 'http://localhost')
  const [from, to] = [searchParams.get('from') ?? '', searchParams.get('to') ?? '']
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  // a reader that leaves, or a store that fails, breaks the answer off: the reader sees that its last line is missing
  await pipeline(Readable.from(linesOf(storage, from, to)), response).catch(() => response.destroy())
}

async function* linesOf(storage: Storage, from: string, to: string): AsyncGenerator<string> {
  for await (const [key, value] of storage.range(from, to)) yield `${JSON.stringify([key, toBase64url(value)])}\n`
  yield '"end"\n'
}
