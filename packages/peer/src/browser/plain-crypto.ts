/**
 * A page without TLS, opened from another machine, has no `crypto.subtle`. libp2p needs one thing of it that it has no
 * substitute for: SHA-256. So such a page is given that, and nothing else: keys and signatures have their own fallback.
 */
import { sha256 } from '@amp-mesh/protocol'

/** Does nothing where the browser has WebCrypto. To be called before libp2p is used. */
export function providePlainCrypto(): void {
  if (globalThis.crypto.subtle !== undefined) return
  Object.defineProperty(globalThis.crypto, 'subtle', { value: { digest }, configurable: true })
}

async function digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer> {
  const name = typeof algorithm === 'string' ? algorithm : algorithm.name
  if (name.toUpperCase() !== 'SHA-256') throw new DOMException(`${name} needs a page with TLS`, 'NotSupportedError')
  const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data
  return new Uint8Array(sha256(new Uint8Array(bytes))).buffer
}
