/** All rooms of a peer, by their path: opened when somebody comes, closed some time after the last one left. */
import { type Cancel, type Clock, PATTERNS, type RecordId, ROOM_LIMITS, type SpaceId } from '@amp-mesh/protocol'
import type { Space } from '../contract.ts'
import type { OpenDraft } from '../drafts/open-draft.ts'
import { graphContent } from './graph-room.ts'
import { outboxContent } from './outbox-room.ts'
import { Room, type RoomContent } from './room.ts'
import { viewsContent } from './views-room.ts'

export interface RoomSetInit {
  /** An open draft of a space; throws where there is none. */
  draft(space: Space, id: RecordId): OpenDraft
  space(id: SpaceId): Space | undefined
  clock: Clock
}

interface OpenRoom {
  readonly room: Room
  /** A space that was closed and opened again is another one. */
  readonly space: Space
  closing?: Cancel
}

/** `graph`, `views`, `outbox` and `draft/<id>` of a space. */
const PATH = /^\/context\/([A-Za-z0-9_-]{43})\/(graph|views|outbox|draft\/[A-Za-z0-9_-]{32})$/
/** What records from an outbox carry as `via`. */
const VIA = 'outbox'

export class RoomSet {
  readonly #init: RoomSetInit
  readonly #open = new Map<string, OpenRoom>()

  constructor(init: RoomSetInit) {
    this.#init = init
  }

  /** The room at a path, e.g. `/context/<spaceId>/graph`; `full` when no more can be opened now. */
  at(path: string): Room | 'full' | undefined {
    const [, id = '', name = ''] = PATH.exec(path) ?? []
    const space = PATTERNS.hash.test(id) ? this.#init.space(id) : undefined
    const known = this.#open.get(path)
    if (known !== undefined && known.space === space) return known.room
    if (known !== undefined) this.#close(path, known)
    if (space === undefined) return undefined
    if (this.#open.size >= ROOM_LIMITS.rooms) return 'full'
    const content = this.#contentOf(path, space, name)
    if (content === undefined) return undefined
    const room = new Room(content, this.#init.clock)
    this.#open.set(path, { room, space })
    this.left(path)
    return room
  }

  /** Somebody left the room at a path, or it was just opened: it closes unless somebody comes. */
  left(path: string): void {
    const open = this.#open.get(path)
    if (open === undefined) return
    open.closing?.()
    open.closing = this.#init.clock.after(ROOM_LIMITS.lingerMs, () => {
      if (open.room.visitors === 0) this.#close(path, open)
    })
  }

  close(): void {
    for (const [path, open] of this.#open) this.#close(path, open)
  }

  #close(path: string, open: OpenRoom): void {
    open.closing?.()
    open.room.close()
    this.#open.delete(path)
  }

  #contentOf(path: string, space: Space, name: string): RoomContent | undefined {
    if (name.startsWith('draft/')) return this.#draftContent(path, space, name.slice('draft/'.length))
    if (name === 'views') return viewsContent(space, this.#init.clock)
    return name === 'outbox' ? outboxContent(space.replica, VIA) : graphContent(space.replica)
  }

  /** A frozen draft's room closes; who comes again finds what can still be read of it. */
  #draftContent(path: string, space: Space, id: RecordId): RoomContent | undefined {
    try {
      const draft = this.#init.draft(space, id)
      const desk = draft.desk()
      const stop = draft.onBreak(() => {
        const open = this.#open.get(path)
        if (open !== undefined) this.#close(path, open)
      })
      return {
        ...desk,
        close() {
          stop()
          desk.close()
        },
      }
    } catch {
      return undefined
    }
  }
}
