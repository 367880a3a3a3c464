/** A draft at work, inside the worker that it may ruin: edits come in, desks show it and write in it, edits go out. */
import {
  fromBase64url,
  type PublicKey,
  type RecordId,
  SPACE_LIMITS,
  sha256,
  toBase64url,
  utf8,
} from '@amp-mesh/protocol'
import * as Y from 'yjs'
import { DeskHub } from './desk.ts'
import { editorClient, isLifeOf, LIVES } from './editor-client.ts'
import { lostText, putBack } from './lost-text.ts'
import { portions } from './portions.ts'
import { type Edit, Replay } from './replay.ts'

export interface EngineInit {
  readonly draft: RecordId
  readonly editors: readonly PublicKey[]
  /** Who writes here; nobody but an editor may. */
  readonly self: PublicKey
  /** Any number: which of its client ids this session draws. */
  readonly seed: number
  /** Told whose edit is applied next. */
  onWork?(by: PublicKey): void
  /** There is something for `flush`. */
  onDirty?(): void
}

/** Bytes of an update that fits into a record, behind tag and draft id. */
const EDIT_BYTES = SPACE_LIMITS.op - 25

export class DraftEngine {
  readonly #replay: Replay
  readonly #hub: DeskHub
  readonly #onDirty: () => void
  readonly #isEditor: boolean
  readonly #self: PublicKey
  readonly #first: number
  /** The own client id that writes, and where to look for the next. */
  #life: number
  #seed: number
  /** Own updates not handed out yet, and those handed out whose records did not come back yet, base64url. */
  #pending: Uint8Array[] = []
  readonly #underway = new Set<string>()

  constructor(init: EngineInit) {
    const { draft, editors, self } = init
    this.#self = self
    this.#isEditor = editors.includes(self)
    this.#first = editorClient(draft, self)
    this.#seed = init.seed
    this.#onDirty = () => init.onDirty?.()
    this.#replay = new Replay({ draft, editors }, by => init.onWork?.(by))
    this.#life = this.#nextLife()
    this.#live(this.#life)
    this.#hub = new DeskHub(this.#replay.doc, this.#isEditor)
    this.#watch()
  }

  /** What people read in it. */
  text(): string {
    return this.#replay.doc.getText('content').toString()
  }

  /** Digest of visible and deleted order: equal for replicas that hold the same edits, once both are settled. */
  order(): string {
    return this.#replay.order()
  }

  /** Records of edits that are new. */
  take(edits: readonly Edit[]): void {
    for (const edit of edits)
      if (edit.by === this.#self && this.#underway.delete(edit.update)) this.#replay.note(edit)
      else {
        // what we wrote meanwhile comes later in everybody else's order
        if (this.#underway.size + this.#pending.length > 0) this.#replay.isShuffled = true
        this.#replay.take(edit)
      }
    this.#live(this.#life)
  }

  /** All edits there are: at the start, and after a fork. Own text that stood on what is gone is written again. */
  reset(edits: readonly Edit[]): void {
    const before = this.#replay.doc
    this.#replay.keep(new Set(edits.map(({ id }) => id)))
    for (const edit of edits) this.#replay.hold(edit)
    this.#rebuild()
    const runs = this.#isEditor ? lostText(before, this.#replay.doc, client => isLifeOf(this.#first, client)) : []
    if (runs.length > 0) this.#replay.doc.transact(() => putBack(this.#replay.doc, runs), this)
  }

  /** Replays in canonical order if edits came in another. True if that showed something else. */
  settle(): boolean {
    if (!this.#replay.isShuffled) return false
    const before = this.#replay.order()
    this.#rebuild()
    return before !== this.#replay.order()
  }

  /** A document for a program to edit. `client`: the id it writes with itself. */
  openDesk(client?: number): Y.Doc {
    return this.#hub.add(client)
  }

  closeDesk(desk: Y.Doc): void {
    this.#hub.remove(desk)
  }

  /** Own edits since the last call, as updates for `edit` records, base64url. */
  flush(): string[] {
    if (this.#pending.length === 0) return []
    const update = Y.mergeUpdates(this.#pending.splice(0))
    const edits = portions(update, EDIT_BYTES).map(toBase64url)
    for (const edit of edits) this.#underway.add(edit)
    return edits
  }

  /** The canonical document, and on it what of our own is not in a record yet. */
  #rebuild(): void {
    const written = Y.getState(this.#replay.doc.store, this.#life)
    this.#replay.rebuild()
    const isKept = (update: Uint8Array) => this.#replay.apply(update, this.#self)
    for (const update of [...this.#underway]) if (!isKept(fromBase64url(update))) this.#underway.delete(update)
    this.#pending = this.#pending.filter(isKept)
    const isWhole = Y.getState(this.#replay.doc.store, this.#life) === written && !this.#replay.isAwaited(this.#life)
    this.#live(isWhole ? this.#life : this.#nextLife())
    this.#watch()
    this.#hub.replace(this.#replay.doc)
  }

  /** A client id of ours that nobody has seen: what is anchored on one whose text was lost stays out of sight. */
  #nextLife(): number {
    for (;;) {
      const hash = sha256(utf8(`life${this.#seed++}`))
      const life = this.#first + (new DataView(hash.buffer, hash.byteOffset).getUint16(0) % LIVES)
      if (!this.#replay.knows(life)) return life
    }
  }

  /** Yjs takes another id whenever our own edits come in from outside. */
  #live(life: number): void {
    this.#life = life
    this.#replay.doc.clientID = life
  }

  #watch(): void {
    this.#replay.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this && !this.#hub.isDesk(origin)) return
      this.#pending.push(update)
      this.#onDirty()
    })
  }
}
