/** A question under way, as its asker follows it: what happens, its space, its answer. */
import type { SpaceId } from '@amp-mesh/protocol'
import type { Answer, Asking, Happening } from './contract.ts'
import { EventQueue } from './event-queue.ts'

/** How whoever answers the question tells of it. */
export interface Teller {
  opened(space: SpaceId): void
  happened(happening: Happening): void
}

/** Happenings that nobody has read yet; the oldest go. */
const UNREAD = 16_384

/** `answer` begins to answer the question, and tells of it. */
export function asking(answer: (teller: Teller) => Promise<Answer>): Asking {
  const happenings = new EventQueue<Happening>(UNREAD)
  const space = Promise.withResolvers<SpaceId>()
  const answered = answer({ opened: space.resolve, happened: happening => happenings.push(happening) })
  answered.then(
    () => happenings.end(),
    error => {
      space.reject(error)
      happenings.fail(error)
    },
  )
  space.promise.catch(() => {})
  return {
    space: space.promise,
    answer: answered,
    [Symbol.asyncIterator]: () => happenings[Symbol.asyncIterator](),
  }
}
