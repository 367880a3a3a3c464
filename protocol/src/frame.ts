/** Frames: a message body behind its length, so that a byte stream falls into messages again. u32 big-endian + body. */
import { DecodeError } from './errors.ts'

const HEADER = 4
/** First buffer for a body that does not end in its chunk, and for what is written; it doubles as bytes really come. */
const FIRST_BUFFER = 4_096

/** Gathers bodies as frames in one piece: what a tick has to say is one write. */
export class FrameWriter {
  #buffer = new Uint8Array(0)
  #length = 0
  /** Of what was taken last: the next piece will hardly be much longer. */
  #usual = 0

  /** Bytes gathered. */
  get length(): number {
    return this.#length
  }

  /** Copies the body behind those before it. Returns the bytes of its frame. */
  write(body: Uint8Array): number {
    const at = this.#length
    const end = at + HEADER + body.length
    if (end > this.#buffer.length) this.#grow(end)
    const buffer = this.#buffer
    buffer[at] = body.length >>> 24
    buffer[at + 1] = body.length >>> 16
    buffer[at + 2] = body.length >>> 8
    buffer[at + 3] = body.length
    buffer.set(body, at + HEADER)
    this.#length = end
    return end - at
  }

  /** All that was gathered; whoever takes it owns it. */
  take(): Uint8Array {
    const frames = this.#buffer.subarray(0, this.#length)
    this.#usual = this.#length
    this.#buffer = new Uint8Array(0)
    this.#length = 0
    return frames
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(FIRST_BUFFER, needed, this.#usual, 2 * this.#buffer.length))
    grown.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = grown
  }
}

/** All bodies as frames in one piece. */
export function encodeFrames(bodies: readonly Uint8Array[]): Uint8Array {
  const writer = new FrameWriter()
  for (const body of bodies) writer.write(body)
  return writer.take()
}

/**
 * Cuts the chunks of one stream into bodies. A body inside one chunk is a view of that chunk; only a body that spans
 * chunks is copied. Holds at most twice what was received of one body, or 4 KiB, whatever its length claims.
 */
export class FrameReader {
  readonly #maxBody: number
  /** What came of the next frame's length and, once that is whole, of its body. */
  #header = 0
  #headerBytes = 0
  #body: Uint8Array | undefined
  #received = 0
  #failure: DecodeError | undefined

  /** `maxBody`: bytes of the largest body; a longer one ends the stream. */
  constructor(maxBody: number) {
    this.#maxBody = maxBody
  }

  /** Bytes held for the body that has begun and not ended. */
  get held(): number {
    return this.#body?.length ?? 0
  }

  /** The bodies that end in this chunk. Throws DecodeError `bad-frame` or `too-large`, and then on every later call. */
  push(chunk: Uint8Array): Uint8Array[] {
    if (this.#failure !== undefined) throw this.#failure
    const bodies: Uint8Array[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#headerBytes < HEADER) {
        this.#header = this.#header * 256 + (chunk[at++] ?? 0)
        if (++this.#headerBytes === HEADER) this.#checkLength()
        continue
      }
      const wanted = Math.min(this.#header - this.#received, chunk.length - at)
      const part = chunk.subarray(at, at + wanted)
      at += wanted
      if (wanted === this.#header) bodies.push(part)
      else if (this.#keep(part)) bodies.push(this.#body ?? part)
      else continue
      this.#next()
    }
    return bodies
  }

  /** To be called when the stream ends: throws DecodeError `bad-frame` if it ends inside a frame. */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#headerBytes > 0) throw this.#fail(new DecodeError('bad-frame', 'the stream ended inside a frame'))
  }

  #checkLength(): void {
    const length = this.#header
    if (length === 0) throw this.#fail(new DecodeError('bad-frame', 'an empty frame'))
    if (length > this.#maxBody)
      throw this.#fail(new DecodeError('too-large', `a frame may hold ${this.#maxBody} bytes, not ${length}`))
  }

  /** Copies a part behind those before it; true when the body is whole. */
  #keep(part: Uint8Array): boolean {
    const received = this.#received + part.length
    if (this.#body === undefined || this.#body.length < received) {
      const room = Math.min(this.#header, Math.max(FIRST_BUFFER, 2 * received))
      const grown = new Uint8Array(room)
      if (this.#body !== undefined) grown.set(this.#body.subarray(0, this.#received))
      this.#body = grown
    }
    this.#body.set(part, this.#received)
    this.#received = received
    return received === this.#header
  }

  #next(): void {
    this.#header = 0
    this.#headerBytes = 0
    this.#body = undefined
    this.#received = 0
  }

  #fail(failure: DecodeError): DecodeError {
    this.#failure = failure
    this.#body = undefined
    return failure
  }
}
