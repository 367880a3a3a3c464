/** The page starts here: a peer in this tab, and the views over what it knows. */
import type { Peer } from '@amp-mesh/peer'
import { consoleLogger, createPeer, systemClock } from '@amp-mesh/peer/browser'
import { render } from 'preact'
import { addressIn } from './address.ts'
import { Archive } from './session/archive.ts'
import { Memory } from './session/memory.ts'
import { Session } from './session/session.ts'
import { Store } from './session/store.ts'
import { App } from './views/app.tsx'

const TOKEN = 'amp-mesh/token'

/** A further tab is the same peer: it uses that of the first. */
const start = (signal: AbortSignal): Promise<Peer> =>
  createPeer({ signal, logger: consoleLogger({ level: 'error' }), ...(invitation !== undefined && { invitation }) })

const { token, folder, invitation } = addressIn(location.hash)
if (token !== undefined) sessionStorage.setItem(TOKEN, token)
// neither token nor invitation may stand in the history, or in a link that is copied
if (location.hash !== '') history.replaceState(null, '', location.pathname)
const kept = sessionStorage.getItem(TOKEN)

const store = new Store()
const session = new Session({
  store,
  clock: systemClock,
  memory: new Memory(),
  start,
  ...(kept !== null && { archive: new Archive(kept) }),
  signal: new AbortController().signal,
})
const page = document.getElementById('page')
if (page !== null) {
  page.replaceChildren()
  render(<App store={store} actions={session} prefill={folder === undefined ? {} : { folder }} />, page)
}
void session.run()
