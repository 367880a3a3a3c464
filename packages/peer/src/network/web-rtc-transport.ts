/** The WebRTC transport of libp2p, with a race taken out of how two tabs shake hands. */
import type { MultiaddrConnection, StreamMuxerFactory, Transport, Upgrader } from '@libp2p/interface'
import { type WebRTCTransportComponents, type WebRTCTransportInit, webRTC } from '@libp2p/webrtc'
import { nextEvent } from './next-event.ts'
import { standingIn } from './standing-in.ts'

/** What is used of the factory the transport hands on, which is pinned; a missing member fails at once. */
interface Seams {
  peerConnection: RTCPeerConnection
  /** Channels the other side opened already. */
  earlyDataChannels: { channel: RTCDataChannel }[]
}

/**
 * The side that dials opens a channel called `init`, closes it when it is connected and waits for that; but the other
 * side closes it too, as soon as itself is connected. When that comes first (a busy machine: two of eight times) the
 * dialler waits for an event that has been, until its deadline. Here the other side lets the dialler go first.
 */
export function webRtcTransport(init: WebRTCTransportInit): (components: WebRTCTransportComponents) => Transport {
  return components => webRTC(init)(standingIn(components, { upgrader: patient(components.upgrader) }))
}

const patient = (upgrader: Upgrader): Upgrader =>
  standingIn(upgrader, {
    async upgradeInbound(connection: MultiaddrConnection, options: InboundOptions) {
      await initiatorIsThrough(options.muxerFactory, options.signal)
      await upgrader.upgradeInbound(connection, options)
    },
  })

type InboundOptions = Parameters<Upgrader['upgradeInbound']>[1] & { muxerFactory?: StreamMuxerFactory & Partial<Seams> }

/**
 * Resolves when the other side has closed its `init` channel, or opens the next: Node hears nothing of a channel that
 * was opened and closed before it looked. Rejects when the signal aborts first.
 */
async function initiatorIsThrough(factory: Partial<Seams> = {}, signal?: AbortSignal): Promise<void> {
  const { peerConnection, earlyDataChannels } = factory
  if (peerConnection === undefined || earlyDataChannels === undefined) throw new Error('@libp2p/webrtc changed')
  for (;;) {
    const init = earlyDataChannels.find(({ channel }) => channel.label === 'init')?.channel
    if (init?.readyState === 'closed' || earlyDataChannels.length > 1) return
    const heard = new AbortController()
    const until = signal === undefined ? heard.signal : AbortSignal.any([heard.signal, signal])
    const waits = [nextEvent(peerConnection, ['datachannel'], until)]
    if (init !== undefined) waits.push(nextEvent(init, ['close'], until))
    await Promise.race(waits).finally(() => heard.abort())
  }
}
