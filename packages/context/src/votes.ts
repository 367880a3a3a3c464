/** Whether votes are genuine, each signature checked once. */
import { fromBase64url, type PublicKey, type SpaceId, type Verify, type Vote, voteHash } from '@amp-mesh/protocol'

/** True when `pub` signed this vote. `signature`: base64url of 64 bytes. Never throws. */
export type VoteCheck = (pub: PublicKey, vote: Vote, signature: string) => boolean

export const noVotes: VoteCheck = () => false

/** Verdicts remembered; a space with more votes has some checked again. */
const KNOWN_VOTES = 65_536

export function voteCheck(space: SpaceId, verify: Verify): VoteCheck {
  const known = new Map<string, boolean>()
  return (pub, vote, signature) => {
    const name = JSON.stringify([pub, signature, vote.slot, vote.ver, vote.of])
    let genuine = known.get(name)
    if (genuine === undefined) {
      if (known.size >= KNOWN_VOTES) known.clear()
      genuine = isGenuine(space, verify, pub, vote, signature)
      known.set(name, genuine)
    }
    return genuine
  }
}

function isGenuine(space: SpaceId, verify: Verify, pub: PublicKey, vote: Vote, signature: string): boolean {
  try {
    return verify(fromBase64url(signature), voteHash(space, vote), fromBase64url(pub))
  } catch {
    return false // text that is no base64url
  }
}
