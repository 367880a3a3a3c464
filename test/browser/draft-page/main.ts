/** A page with a CodeMirror on a draft: through a room of a peer, or as a peer itself. */
import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { createPeer, type Peer } from 'amp-mesh/browser'
import { draftsOf, type OpenDraft } from 'amp-mesh/browser/drafts'
import { yCollab } from 'y-codemirror.next'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

let peer: Peer | undefined
let draft: OpenDraft | undefined
let view: EditorView | undefined

function edit(doc: Y.Doc, awareness: WebsocketProvider['awareness'] | null): void {
  const content = doc.getText('content')
  const state = EditorState.create({ doc: content.toString(), extensions: [yCollab(content, awareness)] })
  const parent = document.getElementById('editor') ?? document.body
  view?.destroy()
  view = new EditorView({ state, parent })
}

const draftPage = {
  /** Edits what a peer's room shows. */
  attach(url: string, room: string, token: string): Promise<void> {
    const doc = new Y.Doc()
    const provider = new WebsocketProvider(url, room, doc, { protocols: ['amp.rooms', `amp.token.${token}`] })
    edit(doc, provider.awareness)
    return new Promise(resolve => provider.once('sync', () => resolve()))
  },

  /** Becomes a peer, its records in IndexedDB. */
  async start(): Promise<string> {
    peer = await createPeer()
    return peer.identity.peerId
  },

  knows: (space: string, id: string): boolean => peer?.space(space)?.replica.records.has(id) ?? false,

  /** Edits a draft of this very peer. */
  async open(space: string, id: string): Promise<void> {
    const found = peer?.space(space)
    if (peer === undefined || found === undefined) throw new Error('no such space here')
    const shelf = draftsOf(peer, () => new Worker(new URL('./draft-worker.ts', import.meta.url), { type: 'module' }))
    draft = shelf.open(found, id)
    edit(await draft.document(), null)
  },

  flush: (): Promise<void> => draft?.flush() ?? Promise.resolve(),
  text: (): string => view?.state.doc.toString() ?? '',
}

export type DraftPage = typeof draftPage
Object.assign(window, { drafts: draftPage })
