/** A page that embeds: with the built-in embedder, and with a model in a web worker. */
import { tabEmbedder } from '@amp-mesh/agents/browser'
import { LexicalEmbedder } from '@amp-mesh/discovery'
import { type Embedder, sha256, toBase64url } from '@amp-mesh/protocol'

const lexical = new LexicalEmbedder()
const clock = {
  now: () => Date.now(),
  after(ms: number, action: () => void) {
    const timer = setTimeout(action, ms)
    return () => clearTimeout(timer)
  },
}
let model: Promise<Embedder> | undefined

const embedderPage = {
  /** Hash of the int8 vector of each text: what the golden vectors hold. */
  golden: (texts: string[]): string[] =>
    texts.map(text => toBase64url(sha256(new Uint8Array(lexical.embedInt8(text).buffer)))),

  /** Hash of the bits of the unit vectors. */
  bits: (texts: string[]): string[] =>
    texts.map(text => toBase64url(sha256(new Uint8Array(lexical.embedText(text).buffer)))),

  /** The id of the model below /models/, and its vectors. */
  async transformers(name: string, texts: string[]): Promise<{ id: string; vectors: number[][] }> {
    model ??= tabEmbedder({ model: name, localPath: '/models/', wasmPath: `${location.origin}/ort/`, clock })
    const embedder = await model
    return { id: embedder.id, vectors: (await embedder.embed(texts)).map(vector => [...vector]) }
  },
}

export type EmbedderPage = typeof embedderPage
Object.assign(window, { embedders: embedderPage })
