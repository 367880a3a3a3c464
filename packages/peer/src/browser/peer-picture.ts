/** A peer as a further tab is told of it: plain data, once as it stands and then what changes. */
import type { Candidate, SearchCost } from '@amp-mesh/discovery'
import type { Genesis, MeshFile, MeshId, PeerId, PublicKey, Rec, SpaceId } from '@amp-mesh/protocol'
import type { Happening, Inspection, PeerInfo, Space } from '../contract.ts'

export interface PeerPicture extends Surroundings {
  publicKey: PublicKey
  peerId: PeerId
  mesh: { id: MeshId; file: MeshFile }
  spaces: SpacePicture[]
  commons: SpacePicture
}

/** What may change at any time. */
export interface Surroundings {
  addresses: string[]
  peers: PeerInfo[]
  /** Spaces it carries now. */
  open: SpaceId[]
}

export interface SpacePicture {
  id: SpaceId
  genesis: Genesis
  /** Those this version can read. */
  records: Rec[]
  members: PeerId[]
  suspected: PeerId[]
  age: number
}

/** What a search found, and what it took. */
export interface Finds {
  candidates: Candidate[]
  cost: SearchCost
}

/** `size`: how many records the space has now; another number here means that some were cut off. */
export interface SpaceChange extends Pick<SpacePicture, 'id' | 'records' | 'members' | 'suspected'> {
  size: number
}

/** A question that may be joined, without the way to do so. */
export interface InvitationPicture {
  space: SpaceId
  genesis: Genesis
  question: Rec<'broadcast'>
  verifier: boolean
}

/** What the tab that is the peer tells the others. */
export type News =
  | { type: 'surroundings'; surroundings: Surroundings }
  | { type: 'space'; space: SpacePicture }
  | { type: 'changed'; change: SpaceChange }
  | { type: 'inspected'; inspection: Inspection }
  | { type: 'invited'; invitation: InvitationPicture }
  | { type: 'happened'; question: number; happening: Happening }

export const spacePicture = (space: Space): SpacePicture => ({
  genesis: space.genesis,
  age: space.age(),
  ...spaceChange(space, [...space.replica.records.all()]),
})

export const spaceChange = (space: Space, records: readonly Rec[]): SpaceChange => ({
  id: space.id,
  records: [...records],
  size: space.replica.records.size,
  members: space.members(),
  suspected: [...space.suspected()],
})
