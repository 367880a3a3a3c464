/** Who speaks, as the page names them: by agent, with the end of their peer’s id where two have one name. */
import { type Speaker, speakerKey, speakerOf } from '@amp-mesh/context'
import { type PeerId, type PublicKey, peerIdOf, type Rec } from '@amp-mesh/protocol'
import { legible } from './legible.ts'

export interface Voice {
  /** Equal for equal speakers. */
  readonly key: string
  readonly name: string
  readonly peer: PeerId
  /** It is the peer in this tab. */
  readonly own: boolean
}

/** The end of a PeerId: all Ed25519 ones begin alike. */
export const shortPeer = (peer: PeerId): string => peer.slice(-6)

/** Names for the speakers of these records: two that call themselves alike are told apart. */
export function voicesOf(records: Iterable<Rec>, self: PublicKey | undefined): (record: Rec) => Voice {
  const speakers = new Map<string, Speaker>()
  for (const record of records) {
    const speaker = speakerOf(record)
    speakers.set(speakerKey(speaker), speaker)
  }
  const bearers = new Map<string, number>()
  for (const { agent } of speakers.values()) bearers.set(agent, (bearers.get(agent) ?? 0) + 1)
  const voices = new Map<string, Voice>()
  for (const [key, speaker] of speakers)
    voices.set(key, voiceOf(key, speaker, (bearers.get(speaker.agent) ?? 0) > 1, self))
  return record => {
    const speaker = speakerOf(record)
    const key = speakerKey(speaker)
    return voices.get(key) ?? voiceOf(key, speaker, false, self)
  }
}

function voiceOf(key: string, { author, agent }: Speaker, ambiguous: boolean, self: PublicKey | undefined): Voice {
  const peer = peerIdOf(author)
  const name = agent === '' ? `peer ${shortPeer(peer)}` : ambiguous ? `${agent} (${shortPeer(peer)})` : agent
  return { key, name: legible(name, 80), peer, own: author === self }
}
