/** The page's state: how connections, questions and problems change it. */
import type { PeerInfo } from '@amp-mesh/peer'
import { describe, expect, it } from 'vitest'
import { EMPTY_PAGE, type Look, type PageEvent, reduce } from '../../../packages/web/src/page/model/page-state.ts'
import { personsOf } from '../../../packages/web/src/page/model/person.ts'
import { spaceView } from '../../../packages/web/src/page/model/space-view.ts'
import { Story } from '../agents/story.ts'

const peer = (state: PeerInfo['state']): PeerInfo => ({ id: `12D3KooW${state}`, state, addresses: [], agents: [] })
const look = (more: Partial<Look> = {}): PageEvent => ({
  type: 'looked',
  people: [],
  spaces: [],
  open: undefined,
  access: 'write',
  resting: false,
  ...more,
})
const after = (...events: PageEvent[]) => events.reduce(reduce, EMPTY_PAGE)
const withPeer = look({ people: personsOf([peer('reachable')]) })
const story = new Story(['ann'])
const open = spaceView({ id: 'one', genesis: story.genesis, records: story.records }, 0)

describe('the page', () => {
  it('is connected while somebody answers, and says when nobody does any more', () => {
    expect(after(look()).link).toBe('starting')
    expect(after(withPeer).link).toBe('up')
    expect(after(withPeer, look({ people: personsOf([peer('suspected')]) })).link).toBe('lost')
    expect(after(withPeer, look(), withPeer).link).toBe('up')
    expect(after({ type: 'failed', why: 'no answer' }, look()).link).toBe('failed')
  })

  it('keeps the open question when a look does not have it, and drops it when another is chosen', () => {
    const chosen: PageEvent = { type: 'chosen', space: 'one' }
    expect(after(chosen, look({ open }), look()).open).toBe(open)
    expect(after(look({ open })).open).toBeUndefined()
    expect(after(chosen, look({ open }), { type: 'chosen', space: 'two' }).open).toBeUndefined()
  })

  it('shows a problem until the person goes on', () => {
    const failed: PageEvent[] = [
      { type: 'asking', query: 'why?' },
      { type: 'problem', what: 'nobody' },
    ]
    expect(after(...failed)).toMatchObject({ problem: 'nobody', asking: undefined })
    expect(after(...failed, { type: 'chosen', space: undefined }).problem).toBe('')
  })
})
