/** A draft that carol, mallory and both victims edit, with a reader in its room at each victim. */
import { editorClient } from '@amp-mesh/context/drafts'
import { concat, EDIT_TAG, fromBase64url, type Identity, type RecordId } from '@amp-mesh/protocol'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { attach, RawVisitor, synced } from '../rooms/visitor.ts'
import { until } from '../until.ts'
import type { Arena } from './arena.ts'
import type { Field } from './field.ts'
import { items, text } from './yjs-update.ts'

/** Long enough for a worker to start on a busy machine, or to replay a draft, ms. */
const PATIENCE_MS = 15_000

export class DraftField {
  readonly field: Field
  readonly draft: RecordId
  readonly #readers: readonly WebsocketProvider[]
  #honest = ''

  static async open(arena: Arena): Promise<DraftField> {
    const field = await arena.field({ budgetMs: 3_600_000 })
    const editors = [arena.carol, arena.mallory].map(({ identity }) => identity.publicKey)
    editors.push(...arena.victims.map(({ publicKey }) => publicKey))
    const begun = field.carol.write({ k: 'draft', title: 'what we know', editors, gen: 0 })
    await field.bring(begun.segment)
    await field.arrived(...begun.ids)
    const [draft = ''] = begun.ids
    const readers = arena.victims.map(victim => attach(victim, field.space, `draft/${draft}`, new Y.Doc()))
    await Promise.all(readers.map(synced))
    return new DraftField(field, draft, readers)
  }

  private constructor(field: Field, draft: RecordId, readers: readonly WebsocketProvider[]) {
    this.field = field
    this.draft = draft
    this.#readers = readers
  }

  /** What readers at anna's and at bert's see. */
  get texts(): string[] {
    return this.#readers.map(({ doc }) => doc.getText('content').toString())
  }

  /** An editor's lowest client id. */
  clientOf(editor: Identity): number {
    return editorClient(this.draft, editor.publicKey)
  }

  /** An edit as an op. */
  op(update: Uint8Array): Uint8Array {
    return concat(Uint8Array.of(EDIT_TAG), fromBase64url(this.draft), update)
  }

  /** Mallory edits, with whatever bytes. */
  edit(...updates: Uint8Array[]): void {
    this.field.push(...updates.map(update => this.field.mallory.write(this.op(update)).segment))
  }

  /** Hostile bytes from a program in the room at anna's. */
  async intrude(update: Uint8Array): Promise<void> {
    const { anna } = this.field.arena
    const visitor = await new RawVisitor(`${anna.roomsUrl(this.field.space)}/draft/${this.draft}`, anna.token).opened()
    visitor.update(update)
    visitor.socket.close()
  }

  /** Carol goes on writing: her words, all of them and in order, must come to readers of both peers, or only bert's. */
  async honestWords(at: 'both' | 'bert' = 'both'): Promise<void> {
    const client = this.clientOf(this.field.arena.carol.identity)
    const clock = this.#honest.length
    const word = `word ${clock}. `
    const place = clock === 0 ? { root: 'content' } : { origin: [client, clock - 1] as const }
    const edit = this.field.carol.write(this.op(items(client, clock, { ...place, content: text(word) })))
    this.#honest += word
    await this.field.bring(edit.segment)
    const reading = () => (at === 'both' ? this.texts : this.texts.slice(1))
    await until(
      'the honest words of a draft arrive',
      () => reading().every(each => onlyOf(each, this.#honest) === this.#honest),
      PATIENCE_MS,
    )
  }

  /** Waits until both readers see the same. */
  async agree(): Promise<void> {
    await until('both readers of a draft see the same', () => this.texts[0] === this.texts[1], PATIENCE_MS)
  }

  close(): void {
    for (const reader of this.#readers) reader.destroy()
  }
}

/** What of `shown` is left when all is taken out that is not, in its order, part of `honest`. */
function onlyOf(shown: string, honest: string): string {
  let kept = ''
  for (const character of shown) if (character === honest[kept.length]) kept += character
  return kept
}
