/** The bar on top: the mesh, and how this tab is connected to it. */
import type { Link, PageState } from '../model/page-state.ts'
import type { Actions } from '../session/actions.ts'

const WORDS: Record<Link, string> = {
  starting: 'Connecting',
  up: 'Connected',
  lost: 'Disconnected',
  failed: 'Not connected',
}

export function TopBar({ state, actions }: { state: PageState; actions: Actions }) {
  const { link, self } = state
  return (
    <header class="top">
      <button
        type="button"
        class="brand"
        onClick={() => actions.choose(undefined)}
        aria-label="amp-mesh: ask a question"
      >
        <Mark />
        amp-mesh
      </button>
      {self !== undefined && (
        <span class="mesh" title={`The mesh ${self.mesh}; this tab is the peer ${self.peer}`}>
          {self.mesh}
        </span>
      )}
      <span class={`link ${link}`} role="status">
        {WORDS[link]}
      </span>
    </header>
  )
}

/** Four peers, all linked, none in the middle. */
const Mark = () => (
  <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
    <path d="M5 6h14v12H5zM5 6l14 12M19 6 5 18" fill="none" stroke="currentColor" stroke-width="1.5" opacity=".5" />
    {[5, 19].map(x => [6, 18].map(y => <circle key={`${x} ${y}`} cx={x} cy={y} r="3" fill="currentColor" />))}
  </svg>
)
