/** Checking an export again, offline: its bytes by the digest, segments by the rules, records by writing them anew. */
import {
  canonicalBytes,
  equalBytes,
  fromBase64url,
  type Json,
  type PeerId,
  parseCanonical,
  publicKeyOf,
  sha256Hasher,
  spaceIdOf,
  type Verify,
} from '@amp-mesh/protocol'
import type { Ledger } from '../ledger/ledger.ts'
import type { Audit } from './audit.ts'
import { type BytesLineType, bytesLine, digestLine, headLine, NEWLINE, signedHash } from './export.ts'
import { type Finding, findingOf, MOST_FINDINGS, unvouchedIn } from './finding.ts'
import { type Line, linesOf } from './lines.ts'
import { type Node, provenanceOf } from './provenance.ts'
import { auditLedger, isSound, take } from './space-bytes.ts'

/** Reads an export to its end, whatever is wrong with it. Rejects only when `chunks` does. */
export async function auditExport(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  verify: Verify,
): Promise<Audit> {
  const reader = new ExportReader(verify)
  for await (const line of linesOf(chunks)) reader.take(line)
  return reader.end()
}

type Fields = { readonly [key: string]: Json }

class ExportReader {
  readonly #verify: Verify
  readonly #findings: Finding[] = []
  readonly #digest = sha256Hasher()
  #lines = 0
  #segments = 0
  /** Live records whose checkpoint is yet to come. */
  readonly #live: Uint8Array[] = []
  #liveLength = 0
  #head: { by: PeerId; time: number; genesis: Uint8Array } | undefined
  #ledger: Ledger | undefined
  /** What the readable lines must be; there from the first of them on. */
  #expected: Iterator<Node> | undefined
  #diverged = false
  #ended = false

  constructor(verify: Verify) {
    this.#verify = verify
  }

  take({ bytes, ended }: Line): void {
    this.#lines++
    if (!ended) return this.#found('truncated', 'it breaks off in this line')
    if (this.#ended) return this.#found('bad-line', 'nothing may stand after the digest')
    const fields = fieldsOf(bytes)
    if (fields?.type !== 'live' && fields?.type !== 'checkpoint' && this.#endLive().length > 0)
      this.#found('bad-line', 'the checkpoint of the records before it is missing')
    if (fields?.type === 'digest') return this.#takeDigest(fields, bytes)
    this.#digest.update(bytes)
    this.#digest.update(NEWLINE)
    if (fields === undefined) this.#found('bad-line', 'it is not one object in canonical JSON')
    else if (this.#lines === 1) this.#takeHead(fields, bytes)
    else if (isTypeOfBytes(fields.type)) this.#takeBytes(fields.type, fields, bytes)
    else this.#takeNode(bytes)
  }

  end(): Audit {
    for (const { where, code, why } of this.#ledger === undefined ? [] : unvouchedIn(this.#ledger))
      this.#found(code, why, where)
    if (!this.#ended) this.#found('truncated', 'its signed digest is missing', `after line ${this.#lines}`)
    const { by, time, genesis } = this.#head ?? {}
    return {
      space: genesis === undefined ? '' : spaceIdOf(genesis),
      ledger: this.#ledger,
      segments: this.#segments,
      findings: this.#findings,
      ...(by !== undefined && time !== undefined && { signed: { by, time } }),
    }
  }

  #takeHead({ at, by, genesis }: Fields, bytes: Uint8Array): void {
    try {
      const head = { by: String(by), time: Date.parse(String(at)), genesis: fromBase64url(String(genesis)) }
      const ledger = auditLedger(head.genesis, this.#verify)
      publicKeyOf(head.by)
      if (!isLine(bytes, headLine(head.genesis, head.by, head.time)))
        throw new SyntaxError('not the line we would write')
      this.#head = head
      this.#ledger = ledger
    } catch {
      this.#found('not-an-export', 'it is not the first line of an export that this version can read')
    }
  }

  #takeBytes(type: BytesLineType, { bytes: text }: Fields, line: Uint8Array): void {
    let bytes: Uint8Array
    try {
      bytes = fromBase64url(String(text))
    } catch {
      return this.#found('bad-line', 'its bytes are not base64url')
    }
    if (this.#expected !== undefined) return this.#found('bad-line', 'segments stand before all records')
    if (!isLine(line, bytesLine(type, bytes))) return this.#found('bad-line', `a ${type} has no such fields`)
    if (type === 'live') return this.#takeLive(bytes, line)
    this.#segments++
    const part = type === 'segment' ? bytes : { segment: bytes, live: this.#endLive() }
    const outcome = this.#ledger && take(this.#ledger, part).outcome
    if (outcome === undefined || isSound(outcome)) return
    const { code, why } = findingOf('', outcome)
    this.#found(code, why)
  }

  #takeLive(bytes: Uint8Array, line: Uint8Array): void {
    this.#liveLength += line.length
    // an op with what stands around it is less than twice what it costs, and then half as long again as text
    if (this.#liveLength <= 3 * (this.#ledger?.genesis.limits.quota ?? 0)) this.#live.push(bytes)
    else this.#found('quota', 'more is said to be alive than an author may say in this space')
  }

  #endLive(): Uint8Array[] {
    this.#liveLength = 0
    return this.#live.splice(0)
  }

  /** After the first line that differs nothing says which of the later ones belong together. */
  #takeNode(bytes: Uint8Array): void {
    if (this.#ledger === undefined || this.#diverged) return
    const { value } = this.#expectedNodes(this.#ledger).next()
    if (value !== undefined && isLine(bytes, { ...value })) return
    this.#diverged = true
    this.#found('bad-line', 'it does not say what the signed segments say')
  }

  #takeDigest(fields: Fields, bytes: Uint8Array): void {
    this.#ended = true
    if (this.#ledger !== undefined && !this.#diverged && !this.#expectedNodes(this.#ledger).next().done)
      this.#found('bad-line', 'records are missing before it')
    const lines = this.#lines - 1
    const hash = this.#digest.digest()
    try {
      const signature = fromBase64url(String(fields.signature))
      const key = fromBase64url(publicKeyOf(this.#head?.by ?? ''))
      if (isLine(bytes, digestLine(hash, lines, signature)) && this.#verify(signature, signedHash(hash, lines), key))
        return
    } catch {}
    this.#found('bad-digest', 'it is not the digest of the lines before, signed by the peer of the first line')
  }

  #expectedNodes(ledger: Ledger): Iterator<Node> {
    this.#expected ??= provenanceOf(ledger)
    return this.#expected
  }

  #found(code: Finding['code'], why: string, where = `line ${this.#lines}`): void {
    if (this.#findings.length < MOST_FINDINGS) this.#findings.push({ where, code, why })
  }
}

const isTypeOfBytes = (type: Json | undefined): type is BytesLineType =>
  type === 'segment' || type === 'live' || type === 'checkpoint'

const isLine = (bytes: Uint8Array, value: Json): boolean => equalBytes(bytes, canonicalBytes(value))

function fieldsOf(bytes: Uint8Array): Fields | undefined {
  try {
    const value = parseCanonical(bytes)
    return value === null || typeof value !== 'object' || Array.isArray(value) ? undefined : value
  } catch {
    return undefined
  }
}
