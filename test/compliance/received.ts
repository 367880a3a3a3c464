/** What came over a stream, in one piece. */

/** The first `length` bytes; throws when there are fewer. */
export async function readBytes(chunks: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const read: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    read.push(chunk)
    size += chunk.length
    if (size >= length) return Buffer.concat(read).subarray(0, length)
  }
  throw new Error(`the stream ended after ${size} of ${length} bytes`)
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const read: Uint8Array[] = []
  for await (const chunk of chunks) read.push(chunk)
  return new Uint8Array(Buffer.concat(read))
}
