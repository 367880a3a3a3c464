/** A draft that is open on this peer: its worker, kept up with the space's records, and what is edited here signed. */
import type { Edit } from '@amp-mesh/context/drafts'
import {
  AmpError,
  type Cancel,
  type Clock,
  DRAFT_LIMITS,
  type Identity,
  type Logger,
  type Op,
  type PublicKey,
  type Random,
  type Rec,
} from '@amp-mesh/protocol'
import * as Y from 'yjs'
import type { Space } from '../contract.ts'
import type { RoomContent } from '../rooms/room.ts'
import type { DraftTasks, DraftWorker, TaskName } from './draft-port.ts'
import { WatchedWorker, type WorkerEnd } from './watched-worker.ts'

/** What drafts need of the peer they are open on. */
export interface DraftWorld {
  identity: Pick<Identity, 'publicKey'>
  clock: Clock
  random: Random
  logger: Logger
  startWorker(): DraftWorker
  /** What one task may cost, ms of CPU (default: {@link DRAFT_LIMITS}). */
  taskMs?: number
}

/** A draft nobody may write in here any more, and who is to blame, if that is known. */
export interface Freeze {
  readonly why: string
  readonly by: PublicKey | undefined
}

/** Desks write with client ids from 2^51: so a document of a desk that is gone is known when it comes back. */
const DESK_BIT = 2 ** 51

export class OpenDraft {
  readonly record: Rec<'draft'>
  readonly #space: Pick<Space, 'replica'>
  readonly #world: DraftWorld
  readonly #desks = new Map<number, (update: Uint8Array) => void>()
  readonly #timers = new Map<'flush' | 'settle', Cancel>()
  readonly #breakListeners = new Set<() => void>()
  readonly #unsubscribe: Cancel
  #worker: WatchedWorker
  #nextDesk = 0
  #known = 0
  #replayMs = 0
  #frozen: Freeze | undefined
  #flushing: Promise<void> = Promise.resolve()

  constructor(space: Pick<Space, 'replica'>, record: Rec<'draft'>, world: DraftWorld) {
    this.#space = space
    this.record = record
    this.#world = world
    this.#worker = this.#start()
    this.#unsubscribe = space.replica.subscribe(news => this.#follow(news))
  }

  /** Why nobody writes here any more: an edit cost more than a draft may. */
  get frozen(): Freeze | undefined {
    return this.#frozen
  }

  /** Nobody has a document of it. */
  get isIdle(): boolean {
    return this.#desks.size === 0
  }

  /** True where what is edited reaches the others. */
  get isEditable(): boolean {
    return this.#frozen === undefined && this.#isEditor
  }

  get #isEditor(): boolean {
    return this.record.op.editors.includes(this.#world.identity.publicKey)
  }

  /** Calls `listener` when documents and desks opened so far end, because something cost too much: see `frozen`. */
  onBreak(listener: () => void): Cancel {
    this.#breakListeners.add(listener)
    return () => this.#breakListeners.delete(listener)
  }

  /** The text `content` as it is now. */
  async text(): Promise<string> {
    return String(await this.#worker.do('text', {}))
  }

  /** Digest of all that stands in it, deleted things included: equal on peers with equal edits, when they are quiet. */
  async order(): Promise<string> {
    await this.#settle()
    return String(await this.#worker.do('order', {}))
  }

  /**
   * A document to read and, for editors, to edit with any Yjs program: the text `content`, the array `list`, the map
   * `map`. What others write appears in it; for anybody but an editor own changes are undone. Destroy it when done; a
   * break destroys it.
   */
  async document(): Promise<Y.Doc> {
    const doc = new Y.Doc()
    const content = this.desk()
    const stop = content.onUpdate(update => Y.applyUpdate(doc, update, this))
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) content.take?.(update)
    })
    const stopBreak = this.onBreak(() => doc.destroy())
    doc.on('destroy', () => {
      stopBreak()
      stop()
      content.close()
    })
    const all = await content.missing(Y.encodeStateVector(doc))
    if (all !== undefined) Y.applyUpdate(doc, all, this)
    return doc
  }

  /** The same for a room. */
  desk(): RoomContent {
    const desk = this.#nextDesk++
    const client = DESK_BIT + Math.floor(this.#world.random.float() * DESK_BIT)
    const listeners = new Set<(update: Uint8Array) => void>()
    this.#desks.set(desk, update => {
      for (const listener of listeners) listener(update)
    })
    this.#try('desk', { desk, client })
    return {
      missing: async stateVector => {
        const others = [...Y.decodeStateVector(stateVector).keys()].filter(
          each => each >= DESK_BIT && each < 2 * DESK_BIT,
        )
        if (others.some(each => each !== client)) return undefined
        return (await this.#worker.do('missing', { desk, stateVector })) as Uint8Array
      },
      onUpdate(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      has: async () => (await this.#worker.do('has', { desk })) as Uint8Array,
      take: update => {
        if (this.#frozen === undefined) this.#try('write', { desk, update })
      },
      close: () => {
        if (this.#desks.delete(desk)) this.#try('leave', { desk })
      },
    }
  }

  /** Resolves when what was edited here so far is in records. Rejects with `quota`, `frozen` and the like. */
  async flush(): Promise<void> {
    const flushed = this.#flushing.then(() => this.#flush())
    this.#flushing = flushed.catch(() => {})
    await flushed
  }

  async close(): Promise<void> {
    if (this.isEditable) await this.flush().catch(error => this.#complain(error))
    this.#unsubscribe()
    for (const cancel of this.#timers.values()) cancel()
    this.#worker.terminate()
  }

  #start(without?: PublicKey): WatchedWorker {
    const { clock, startWorker, identity, random, taskMs = DRAFT_LIMITS.taskMs } = this.#world
    const worker = new WatchedWorker({
      clock,
      taskMs,
      worker: startWorker(),
      onUpdate: (desk, update) => this.#desks.get(desk)?.(update),
      onDirty: () => this.#soon('flush', DRAFT_LIMITS.mergeMs, () => this.flush()),
      onEnd: end => this.#ended(end),
    })
    const editors = this.record.op.editors.filter(editor => editor !== without)
    const self = this.#frozen === undefined ? identity.publicKey : ''
    const settings = { draft: this.record.id, editors, self, seed: random.float() }
    void worker.do('open', { settings }).catch(() => {})
    void worker.do('reset', { edits: this.#edits() }).catch(() => {})
    return worker
  }

  /** Those their authors did not take back: as a replica that joined at a checkpoint has them. */
  #edits(): Edit[] {
    const { records } = this.#space.replica
    this.#known = records.size
    return records
      .of('edit')
      .filter(record => isEditOf(record, this.record.id))
      .map(editOf)
  }

  #follow(news: readonly Rec[]): void {
    const { records } = this.#space.replica
    this.#known += news.length
    const isTakenBack = ({ op }: Rec) => op.k === 'retract' && records.get(op.of)?.op.k === 'edit'
    if (records.size !== this.#known || news.some(isTakenBack)) return this.#try('reset', { edits: this.#edits() })
    const fresh = news.filter(({ id }) => records.isLive(id))
    const edits = fresh.flatMap(record => (isEditOf(record, this.record.id) ? [editOf(record)] : []))
    if (edits.length === 0) return
    this.#try('take', { edits })
    const quiet = Math.max(DRAFT_LIMITS.replayMs, DRAFT_LIMITS.replayShare * this.#replayMs)
    this.#soon('settle', quiet, () => this.#settle())
  }

  async #settle(): Promise<void> {
    const began = this.#world.clock.now()
    await this.#worker.do('settle', {})
    this.#replayMs = this.#world.clock.now() - began
  }

  async #flush(): Promise<void> {
    const updates = (await this.#worker.do('flush', {})) as string[]
    if (updates.length === 0) return
    const ops = updates.map((update): Op => ({ k: 'edit', draft: this.record.id, update }))
    try {
      for (const op of ops) await this.#space.replica.append([op])
    } catch (error) {
      this.#frozen = { why: `what was edited could not be signed: ${String(error)}`, by: undefined }
      throw error
    }
  }

  /** The draft alone pays: it is read on without whom it is to blame on, until an editor writes its next one. */
  #ended({ why, by, isLocal }: WorkerEnd): void {
    this.#world.logger.warn('a draft was interrupted', { draft: this.record.id, why, by })
    const isFirst = this.#frozen === undefined
    if (!isLocal) this.#frozen = { why, by }
    if (isFirst && !isLocal && by !== undefined && this.#isEditor) this.#warnOthers({ why, by })
    if (isLocal || (isFirst && by !== undefined)) this.#worker = this.#start(by)
    this.#desks.clear()
    for (const listener of [...this.#breakListeners]) listener()
  }

  #warnOthers({ by }: Freeze): void {
    const content = `This draft is frozen here: an edit of ${by} costs more than any draft may. Go on in its next one.`
    this.#space.replica
      .append([{ k: 'concern', parent: this.record.id, content }])
      .catch(error => this.#complain(error))
  }

  #soon(name: 'flush' | 'settle', ms: number, action: () => Promise<void>): void {
    if (name === 'settle') this.#timers.get(name)?.()
    else if (this.#timers.has(name)) return
    const cancel = this.#world.clock.after(ms, () => {
      this.#timers.delete(name)
      action().catch(error => this.#complain(error))
    })
    this.#timers.set(name, cancel)
  }

  /** A task whose outcome nobody waits for. */
  #try<T extends TaskName>(name: T, task: DraftTasks[T]): void {
    this.#worker.do(name, task).catch(error => this.#complain(error))
  }

  #complain(error: unknown): void {
    if (error instanceof AmpError && error.code === 'stopped') return
    this.#world.logger.warn('a draft could not go on', { draft: this.record.id, error: String(error) })
  }
}

const isEditOf = (record: Rec, draft: string): record is Rec<'edit'> =>
  record.op.k === 'edit' && record.op.draft === draft

const editOf = ({ id, by, log, n, time, op }: Rec<'edit'>): Edit => ({ id, by, log, n, time, update: op.update })
