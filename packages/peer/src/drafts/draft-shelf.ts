/** The drafts of a peer: begun, opened once for all who use them, and gone on with in a next generation. */
import { currentDraft } from '@amp-mesh/context'
import { AmpError, DRAFT_LIMITS, type PublicKey, type Rec, type RecordId } from '@amp-mesh/protocol'
import type { Space } from '../contract.ts'
import { type DraftWorld, OpenDraft } from './open-draft.ts'

export class DraftShelf {
  readonly #world: DraftWorld
  readonly #open = new Map<RecordId, { readonly draft: OpenDraft; readonly space: Space }>()

  constructor(world: DraftWorld) {
    this.#world = world
  }

  /** Begins a draft. Its editors never change; we are one of them. */
  async begin(space: Space, title: string, editors: readonly PublicKey[] = []): Promise<Rec<'draft'>> {
    return this.#write(space, { title, editors, gen: 0 })
  }

  /** Opens a draft of a space. Throws `no-such-record`, or `busy` when too many are in use. */
  open(space: Space, id: RecordId): OpenDraft {
    const known = this.#open.get(id)
    if (known !== undefined && known.space === space) return known.draft
    const record = space.replica.records.of('draft').find(each => each.id === id)
    if (record === undefined) throw new AmpError('no-such-record', 'there is no such draft in this space')
    if (known !== undefined) void known.draft.close()
    else this.#makeRoom()
    const draft = new OpenDraft(space, record, this.#world)
    this.#open.set(id, { draft, space })
    return draft
  }

  /** The next generation of a draft: its text, without some of its editors. Any of the others may write it. */
  async goOn(space: Space, id: RecordId, without: readonly PublicKey[] = []): Promise<Rec<'draft'>> {
    const last = currentDraft(space.replica.records, id)
    if (last === undefined) throw new AmpError('no-such-record', 'there is no such draft in this space')
    const { title, gen, editors } = last.op
    const kept = editors.filter(editor => !without.includes(editor))
    const next = await this.#write(space, { title, editors: kept, gen: gen + 1, after: last.id })
    const [from, to] = await Promise.all([this.open(space, last.id).document(), this.open(space, next.id).document()])
    const { copyContents } = await import('@amp-mesh/context/drafts')
    copyContents(to, from)
    await this.open(space, next.id).flush()
    for (const doc of [from, to]) doc.destroy()
    return next
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ draft }) => draft.close()))
    this.#open.clear()
  }

  async #write(space: Space, fields: Omit<Rec<'draft'>['op'], 'k' | 'editors'> & { editors: readonly PublicKey[] }) {
    const editors = [...new Set([this.#world.identity.publicKey, ...fields.editors])]
    const [record] = await space.replica.append([{ ...fields, k: 'draft', editors }])
    return record as Rec<'draft'>
  }

  /** Every open draft has a worker. */
  #makeRoom(): void {
    if (this.#open.size < DRAFT_LIMITS.open) return
    const idle = [...this.#open].find(([, { draft }]) => draft.isIdle)
    if (idle === undefined) throw new AmpError('busy', 'too many drafts are open here; close one first')
    this.#open.delete(idle[0])
    void idle[1].draft.close()
  }
}
