/** A peer on Node: its one port also has rooms for Yjs clients. */
import { AmpError, type SpaceId } from '@amp-mesh/protocol'
import { ComposedPeer } from '../compose.ts'
import type { DraftShelf } from '../drafts/draft-shelf.ts'
import type { NodeParts } from './node-parts.ts'
import type { RoomServer } from './room-server.ts'
import { roomsUrl } from './rooms-url.ts'

export class NodePeer extends ComposedPeer {
  /** What clients of the rooms show: as the subprotocol `amp.token.<token>`, or as `Authorization: Bearer <token>`. */
  readonly token: string
  readonly #parts: NodeParts
  #rooms: Promise<RoomServer> | undefined
  #drafts: Promise<DraftShelf> | undefined

  constructor(parts: NodeParts) {
    super(parts)
    this.#parts = parts
    this.token = parts.door.token
    const unregister = parts.network.front.upgrade('/context/', (...knock) => {
      this.#rooms ??= this.#openRooms()
      this.#rooms.then(
        rooms => rooms.knock(...knock),
        () => knock[1].destroy(),
      )
    })
    this.onStop(async () => {
      unregister()
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
    const { authority } = this.#parts.network.front
    if (authority === undefined) throw new AmpError('stopped', 'this peer does not listen')
    return roomsUrl(authority, space)
  }

  async #openRooms(): Promise<RoomServer> {
    const [{ RoomServer }, drafts] = await Promise.all([import('./room-server.ts'), this.drafts()])
    const { clock } = this
    const { door } = this.#parts
    return new RoomServer({
      ...door,
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
