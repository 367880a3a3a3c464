/** Says so when this tab has no connection, and what it does about it. */
import type { PageState } from '../model/page-state.ts'

export function LinkNotice({ state: { link, failure } }: { state: PageState }) {
  if (link === 'lost')
    return (
      <p class="notice warn" role="alert">
        <strong>The connection is gone.</strong> Trying again until it is back. What you see stays here, and what you
        write is sent then.
      </p>
    )
  if (link === 'failed')
    return (
      <p class="notice warn" role="alert">
        <strong>No connection yet.</strong> {failure} Trying again.
      </p>
    )
  return null
}
