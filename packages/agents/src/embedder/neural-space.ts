/** A neural model's vectors as a space of ours: named for what they are, centred, of unit length. */
import { signBits } from '@amp-mesh/discovery'
import { AmpError, type Embedder } from '@amp-mesh/protocol'

/** Texts to vectors of one length, as the model gives them. */
export type Encode = (texts: readonly string[], signal?: AbortSignal) => Promise<Float32Array[]>

/**
 * Sentences of many fields. What all texts of a model have in common (often a cosine of .5 and more) says nothing; the
 * mean of these is taken off every vector, so that texts that have nothing to do with each other come near 0, as with
 * the built-in embedder, whose thresholds then hold about as well.
 */
const ANCHORS = [
  'Books flights, hotels and trains for a journey.',
  'Finds passwords and credentials committed to a repository.',
  'Translates a contract from German into English.',
  'Weather forecast for any city and day.',
  'Writes unit tests for a function.',
  'Recommends a recipe for the vegetables at hand.',
  'Explains a medical report to a patient.',
  'Plans the budget of a small company.',
  'Summarises the minutes of a meeting.',
  'Composes a melody for piano and violin.',
  'Monitors the load of a cluster of servers.',
  'Answers questions about the history of Rome.',
  'Calculates the area of a triangle.',
  'Designs the logo of a football club.',
  'Searches scientific papers about climate.',
  'Sends an email reminder to the whole team.',
]

/**
 * Learns the space by embedding the anchors once. The id ends in 32 sign bits of the first of them: two peers whose
 * models go by one name and are not the same one never compare their vectors.
 */
export async function neuralSpace(name: string, encode: Encode, signal?: AbortSignal): Promise<Embedder> {
  const anchors = checked(await encode(ANCHORS, signal), ANCHORS.length)
  const dimensions = anchors[0]?.length ?? 0
  const centre = new Float32Array(dimensions)
  for (const anchor of anchors)
    for (let i = 0; i < dimensions; i++) centre[i] = (centre[i] ?? 0) + (anchor[i] ?? 0) / anchors.length
  const [bits = 0] = signBits(centred(anchors[0] ?? centre, centre))
  const fingerprint = bits.toString(16).padStart(8, '0')
  return {
    id: `${name.slice(0, 100)}/centred/${fingerprint}`,
    dimensions,
    async embed(texts, signal) {
      if (texts.length === 0) return []
      return checked(await encode(texts, signal), texts.length, dimensions).map(vector => centred(vector, centre))
    },
  }
}

function centred(vector: Float32Array, centre: Float32Array): Float32Array {
  const moved = vector.map((value, i) => value - (centre[i] ?? 0))
  const length = Math.sqrt(moved.reduce((sum, value) => sum + value * value, 0))
  return length === 0 ? moved : moved.map(value => value / length)
}

/** One finite vector for each text, all of one length. */
function checked(vectors: Float32Array[], count: number, dimensions = vectors[0]?.length ?? 0): Float32Array[] {
  const sound = vectors.every(vector => vector.length === dimensions && vector.every(Number.isFinite))
  if (vectors.length === count && dimensions > 0 && sound) return vectors
  throw new AmpError('model-failed', 'what the embedding model gave are no vectors of one length: name another model')
}
