/**
 * Level's tables, read with the checksum of every block: Level itself looks at none while it merges them, and a changed
 * key ends the process then. Format: `doc/table_format.md` of leveldb.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Names of the tables in Level's folder that are not as they were written. */
export async function damagedTables(store: string): Promise<string[]> {
  const damaged: string[] = []
  for (const name of await readdir(store).catch(() => [])) {
    if (!name.endsWith('.ldb')) continue
    const bytes = await readFile(join(store, name)).catch(() => undefined)
    if (bytes !== undefined && !isWhole(bytes)) damaged.push(name)
  }
  return damaged
}

/** The last bytes of a table: where two blocks are, filled up with zeros, and a number that says what this is. */
const FOOTER = 48
const MAGIC = 0xdb4775248b80fb57n
/** Behind each block a byte says whether it is compressed, as older versions did: such a list goes unread. */
const COMPRESSED = 1

interface Handle {
  offset: number
  size: number
}

export function isWhole(table: Buffer): boolean {
  if (table.length < FOOTER || table.readBigUInt64LE(table.length - 8) !== MAGIC) return false
  try {
    const footer = new Reader(table, table.length - FOOTER)
    const lists = [footer.handle(), footer.handle()] // of what helps to search, and of the pairs
    if (!lists.every(list => isSound(table, list))) return false
    const readable = lists.filter(({ offset, size }) => table[offset + size] !== COMPRESSED)
    return readable.flatMap(list => blocksOf(table, list)).every(block => isSound(table, block))
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** A list of blocks: for each a key (which shares its beginning with the one before) and where the block is. */
function blocksOf(table: Buffer, { offset, size }: Handle): Handle[] {
  const restarts = table.readUInt32LE(offset + size - 4)
  const end = offset + size - 4 * (restarts + 1)
  const reader = new Reader(table, offset)
  const blocks: Handle[] = []
  while (reader.at < end) {
    reader.varint() // bytes shared
    const own = reader.varint()
    const value = reader.varint()
    const after = reader.at + own + value
    reader.at += own
    blocks.push(reader.handle())
    reader.at = after
  }
  return blocks
}

function isSound(table: Buffer, { offset, size }: Handle): boolean {
  const end = offset + size + 1
  const stored = table.readUInt32LE(end) // throws when there is no such place
  return maskedCrc32c(table, offset, end) === stored
}

class Reader {
  at: number
  readonly #bytes: Buffer

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  varint(): number {
    let value = 0
    for (let shift = 1; ; shift *= 0x80) {
      const byte = this.#bytes.readUInt8(this.at++)
      value += (byte & 0x7f) * shift
      if (byte < 0x80) return value
    }
  }

  handle(): Handle {
    return { offset: this.varint(), size: this.varint() }
  }
}

const TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let crc = n
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  return crc
})

/** CRC-32C (RFC 3720, B.4), turned and shifted as Level stores it, so that a checksum of checksums stays one. */
function maskedCrc32c(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1
  for (let i = from; i < to; i++) crc = (TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8)
  crc = ~crc
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
