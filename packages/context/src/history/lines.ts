/** A stream of bytes as lines: split at line feeds only, never longer than the longest line there can be. */
import { concat, WIRE_LIMITS } from '@amp-mesh/protocol'

export interface Line {
  /** Without its line feed. */
  readonly bytes: Uint8Array
  /** False when the stream ended, or the line grew too long, before a line feed came. */
  readonly ended: boolean
}

/** A segment in base64url and what stands around it. */
const LONGEST = Math.ceil((WIRE_LIMITS.segment * 4) / 3) + 1024
const LINE_FEED = 10

export async function* linesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Line> {
  let parts: Uint8Array[] = []
  let length = 0
  const take = (ended: boolean): Line => {
    const bytes = concat(...parts)
    parts = []
    length = 0
    return { bytes, ended }
  }
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; ) {
      const end = chunk.indexOf(LINE_FEED, at)
      const part = chunk.subarray(at, end === -1 ? chunk.length : end)
      parts.push(part)
      length += part.length
      at += part.length + 1
      if (end !== -1 || length > LONGEST) yield take(end !== -1)
    }
  if (length > 0) yield take(false)
}
