/** Waiting in tests: until something is so, or until so many bytes have come; never for a fixed time. */

/** Polls until `condition` holds; throws after `ms`. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

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
