/** The page on a stage: the real views and a real peer, among actors whose every word is known. For pictures. */
import { question } from '@amp-mesh/context'
import { systemClock } from '@amp-mesh/peer/browser'
import { render } from 'preact'
import { Memory } from '../../../packages/web/src/page/session/memory.ts'
import { Session } from '../../../packages/web/src/page/session/session.ts'
import { Store } from '../../../packages/web/src/page/session/store.ts'
import { App } from '../../../packages/web/src/page/views/app.tsx'
import { Cast } from './cast.ts'
import { ACTORS, type Scene, Script } from './script.ts'

declare global {
  interface Window {
    stage: {
      play(scene: Scene): Promise<void>
      /** Cuts the person's peer off. */
      cut(): void
    }
  }
}

const cast = new Cast('village')
for (const [name, card] of Object.entries(ACTORS)) await cast.enter(name, card)
const me = await cast.enter('me')
const store = new Store()
const session = new Session({
  store,
  clock: systemClock,
  memory: new Memory(),
  start: async () => me,
  signal: new AbortController().signal,
})
const page = document.getElementById('page')
if (page !== null) render(<App store={store} actions={session} />, page)
void session.run()

let script: Script | undefined
window.stage = {
  async play(scene) {
    const [space] = me.spaces()
    const asked = space && question(space.replica.records, space.genesis)
    if (space === undefined || asked === undefined) throw new Error('ask first')
    script ??= new Script(cast, space.id, asked.id)
    await script.play(scene)
  },
  cut: () => cast.cut('me'),
}
