/** Publications: what was said under a subject, signed by its peer, because neighbours pass it on later as well. */
import {
  concat,
  fromBase64url,
  type Identity,
  type MeshId,
  type Message,
  peerIdOf,
  type Random,
  toBase64url,
  utf8,
  type Verify,
} from '@amp-mesh/protocol'

export type Publication = Omit<Message<'publication'>, 'type'>

export interface PublicationWorld {
  mesh: MeshId
  identity: Identity
  random: Random
  verify: Verify
}

export async function signPublication(
  { mesh, identity, random }: PublicationWorld,
  said: Pick<Publication, 'subject' | 'body' | 'by' | 'time'>,
): Promise<Publication> {
  const unsigned = { id: toBase64url(random.bytes(16)), pub: identity.publicKey, ...said }
  return { ...unsigned, signature: await identity.sign(signedBytes(mesh, unsigned)) }
}

export const isGenuine = ({ mesh, verify }: PublicationWorld, publication: Publication): boolean =>
  verify(publication.signature, signedBytes(mesh, publication), fromBase64url(publication.pub))

export const authorOf = ({ pub }: Publication) => peerIdOf(pub)

/** None of the fields before the body has a space in it. */
const signedBytes = (mesh: MeshId, { id, time, subject, pub, by = '', body }: Omit<Publication, 'signature'>) =>
  concat(utf8(`amp-pub ${mesh} ${id} ${time} ${subject} ${pub} ${by} `), body)
