/** A peer on Node: its one port also has a gateway for plain clients, and rooms for Yjs clients. */
import { AmpError, type SpaceId } from '@amp-mesh/protocol'
import { ComposedPeer } from '../compose.ts'
import type { DraftShelf } from '../drafts/draft-shelf.ts'
import { type DoorInit, tokenCheck } from './door.ts'
import type { GatewayServer } from './gateway-server.ts'
import type { NodeParts } from './node-parts.ts'
import type { RoomServer } from './room-server.ts'
import { roomsUrl } from './rooms-url.ts'

const GATEWAY_PATH = '/amp/mesh'

export class NodePeer extends ComposedPeer {
  /**
   * What clients of the gateway and the rooms show: as the subprotocol `amp.token.<token>`, or as
   * `Authorization: Bearer <token>`.
   */
  readonly token: string
  readonly #parts: NodeParts
  readonly #door: DoorInit
  #gateway: Promise<GatewayServer> | undefined
  #rooms: Promise<RoomServer> | undefined
  #drafts: Promise<DraftShelf> | undefined

  constructor(parts: NodeParts) {
    super(parts)
    this.#parts = parts
    const { token, names, origins } = parts.door
    this.token = token
    this.#door = { isToken: tokenCheck(token), names, origins }
    const { front } = parts.network
    const unregister = [
      front.upgrade('/context/', (...knock) => {
        this.#rooms ??= this.#openRooms()
        this.#rooms.then(
          rooms => rooms.knock(...knock),
          () => knock[1].destroy(),
        )
      }),
      front.upgrade(GATEWAY_PATH, (...knock) => {
        this.#openGateway().then(
          gateway => gateway.knock(...knock),
          () => knock[1].destroy(),
        )
      }),
      front.post(GATEWAY_PATH, (request, response) => {
        this.#openGateway().then(
          gateway => gateway.post(request, response),
          () => response.destroy(),
        )
      }),
    ]
    this.onStop(async () => {
      for (const cancel of unregister) cancel()
      const gateway = await this.#gateway?.catch(() => undefined)
      gateway?.close()
      const rooms = await this.#rooms?.catch(() => undefined)
      rooms?.close()
      const drafts = await this.#drafts?.catch(() => undefined)
      await drafts?.close()
    })
  }

  /** Collaborative texts: each runs in a thread of its own. */
  drafts(): Promise<DraftShelf> {
    this.#drafts ??= this.#openDrafts()
    return this.#drafts
  }

  /**
   * What y-websocket calls the server's address: `ws://127.0.0.1:4100/context/<spaceId>`; the rooms in it are `graph`,
   * `views`, `outbox` and `draft/<id>`. Throws `stopped` when the peer does not listen.
   */
  roomsUrl(space: SpaceId): string {
    return roomsUrl(this.#authority, space)
  }

  /** Where plain clients talk to this peer: `ws://127.0.0.1:4100/amp/mesh`. Throws `stopped` when it doesn't listen. */
  get gatewayUrl(): string {
    return `ws://${this.#authority}${GATEWAY_PATH}`
  }

  get #authority(): string {
    const { authority } = this.#parts.network.front
    if (authority === undefined) throw new AmpError('stopped', 'this peer does not listen')
    return authority
  }

  #openGateway(): Promise<GatewayServer> {
    this.#gateway ??= import('./gateway-server.ts').then(({ GatewayServer }) => new GatewayServer(this, this.#door))
    return this.#gateway
  }

  async #openRooms(): Promise<RoomServer> {
    const [{ RoomServer }, drafts] = await Promise.all([import('./room-server.ts'), this.drafts()])
    const { clock } = this
    return new RoomServer({
      ...this.#door,
      clock,
      space: id => this.space(id),
      draft: (space, id) => drafts.open(space, id),
    })
  }

  async #openDrafts(): Promise<DraftShelf> {
    const [{ DraftShelf }, { startDraftWorker }] = await Promise.all([
      import('../drafts/draft-shelf.ts'),
      import('./draft-worker.ts'),
    ])
    return new DraftShelf({ ...this.#parts, startWorker: startDraftWorker })
  }
}
