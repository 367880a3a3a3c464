/** Several messages in one piece, each behind its length, as a rival without our frames would do it. */

const HEADER = 4

export function joined(bodies: readonly Uint8Array[]): Buffer {
  const out = Buffer.allocUnsafe(bodies.reduce((sum, body) => sum + HEADER + body.length, 0))
  let at = 0
  for (const body of bodies) {
    at = out.writeUInt32BE(body.length, at)
    out.set(body, at)
    at += body.length
  }
  return out
}

/** The messages of a whole piece. */
export function* parted(piece: Buffer): Iterable<Buffer> {
  for (let at = 0; at < piece.length; ) {
    const end = at + HEADER + piece.readUInt32BE(at)
    yield piece.subarray(at + HEADER, end)
    at = end
  }
}

/** The messages of a stream whose pieces end anywhere. */
export class Parting {
  #rest: Buffer = Buffer.alloc(0)

  push(chunk: Uint8Array): Iterable<Buffer> {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const piece = this.#rest.length === 0 ? fresh : Buffer.concat([this.#rest, fresh])
    let whole = 0
    while (piece.length - whole >= HEADER) {
      const end = whole + HEADER + piece.readUInt32BE(whole)
      if (end > piece.length) break
      whole = end
    }
    this.#rest = piece.subarray(whole)
    return parted(piece.subarray(0, whole))
  }
}
