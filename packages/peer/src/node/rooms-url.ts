/** The address of a space's rooms, as y-websocket wants it. */
import type { SpaceId } from '@amp-mesh/protocol'

/** `authority`: host and port of a peer, e.g. `127.0.0.1:4100`. */
export const roomsUrl = (authority: string, space: SpaceId): string => `ws://${authority}/context/${space}`
