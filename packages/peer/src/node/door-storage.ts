/** The store of a peer that runs in another process, read through its door. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { linesOf } from '@amp-mesh/context/history'
import { AmpError, fromBase64url, fromUtf8, type Storage } from '@amp-mesh/protocol'
import { DOOR_FILE, type DoorFile } from './store-door.ts'

/** The door of the peer that holds this data folder; undefined when there is none (it is just starting or ending). */
export async function doorOf(folder: string): Promise<{ storage: Storage; rooms: DoorFile['rooms'] } | undefined> {
  try {
    const { url, token, rooms }: DoorFile = JSON.parse(await readFile(join(folder, DOOR_FILE), 'utf8'))
    return { storage: new DoorStorage(new URL(url), String(token)), rooms }
  } catch {
    return undefined
  }
}

/** Reads only. */
class DoorStorage implements Storage {
  readonly life = 0
  readonly #url: URL
  readonly #token: string

  constructor(url: URL, token: string) {
    this.#url = url
    this.#token = token
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    for await (const [, value] of this.range(key, `${key}\u0000`)) return value
    return undefined
  }

  async *range(from: string, to: string): AsyncIterable<[key: string, value: Uint8Array]> {
    const url = new URL(this.#url)
    url.search = new URLSearchParams({ from, to }).toString()
    const { ok, body } = await fetch(url, { headers: { authorization: `Bearer ${this.#token}` } }).catch(cause => {
      throw left(cause)
    })
    if (!ok || body === null) throw left()
    for await (const { bytes } of linesOf(body)) {
      const line: unknown = JSON.parse(fromUtf8(bytes))
      if (line === 'end') return
      const [key, value] = line as [string, string]
      yield [key, fromBase64url(value)]
    }
    throw left()
  }

  async write(): Promise<void> {
    throw new AmpError('not-allowed', 'only the peer itself writes to its store')
  }

  async close(): Promise<void> {}
}

const left = (cause?: unknown) =>
  new AmpError('unreachable', 'the peer that holds this folder does not answer; try again', undefined, cause)
