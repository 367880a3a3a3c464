/** Who speaks, as the page names them: by agent, with the end of their peer’s id where two have one name. */
import { type Speaker, speakerId, speakerKey, speakerOf } from '@amp-mesh/context'
import { type AgentId, type PeerId, type PublicKey, peerIdOf, type Rec } from '@amp-mesh/protocol'
import { legible } from './legible.ts'

export interface Voice {
  /** `amp://…`: equal for equal speakers. */
  readonly id: AgentId
  readonly name: string
  readonly peer: PeerId
  /** It is the peer in this tab. */
  readonly own: boolean
}

/** The person in this tab, where they speak as no agent; nobody else is called so. */
const YOU = 'you'

/** The end of a PeerId: all Ed25519 ones begin alike. */
export const shortPeer = (peer: PeerId): string => peer.slice(-6)

/** Names for the speakers of these records: two that call themselves alike are told apart. */
export function voicesOf(records: Iterable<Rec>, self: PublicKey | undefined): (record: Rec) => Voice {
  const speakers = new Map<string, Speaker>()
  for (const record of records) speakers.set(speakerKey(speakerOf(record)), speakerOf(record))
  const bearers = new Map<string, number>([[YOU, 1]])
  for (const { agent } of speakers.values()) bearers.set(agent, (bearers.get(agent) ?? 0) + 1)
  const voices = new Map<string, Voice>()
  const voice = (speaker: Speaker): Voice => {
    const key = speakerKey(speaker)
    const known = voices.get(key) ?? voiceOf(speaker, (bearers.get(speaker.agent) ?? 0) > 1, self)
    voices.set(key, known)
    return known
  }
  return record => voice(speakerOf(record))
}

function voiceOf(speaker: Speaker, isAmbiguous: boolean, self: PublicKey | undefined): Voice {
  const { author, agent } = speaker
  const peer = peerIdOf(author)
  const own = author === self
  const unnamed = own ? YOU : `peer ${shortPeer(peer)}`
  const name = agent === '' ? unnamed : isAmbiguous ? `${agent} (${shortPeer(peer)})` : agent
  return { id: speakerId(speaker), name: legible(name, 80), peer, own }
}
