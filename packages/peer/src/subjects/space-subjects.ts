/** Subjects of a space, `space.<id>.<kind>`: views over its ledger. At least once, and the last ones are complete. */
import { AmpError, agentIdOf, type Json, peerIdOf, type Rec, readOp, type SpaceId } from '@amp-mesh/protocol'
import type { Space } from '../contract.ts'
import { EventQueue, listening } from '../event-queue.ts'
import { matcherOf } from './subject.ts'
import type { Published, SubscribeOptions, Subscription } from './subscription.ts'

export const isSpaceSubject = (subject: string): boolean => subject.startsWith('space.')

/** Throws `no-such-space` for one this peer does not carry, `bad-input` for a pattern of many spaces. */
export function spaceOf(subject: string, space: (id: SpaceId) => Space | undefined): Space {
  const [, id = ''] = subject.split('.')
  if (id === '*' || id === '>') throw new AmpError('bad-input', 'name one space: space.<id>.<kind>, space.<id>.*')
  const found = space(id)
  if (found === undefined) throw new AmpError('no-such-space', `this peer does not carry the space ${id}`)
  return found
}

/** Says a record of that kind in the space; durable when it resolves. */
export async function publishInSpace(space: Space, subject: string, data: Json): Promise<void> {
  const kind = subject.split('.').slice(2).join('.')
  const fields = data !== null && typeof data === 'object' && !Array.isArray(data) ? data : undefined
  const op = fields && readOp({ ...fields, k: kind })
  if (op === undefined) throw new AmpError('bad-input', `not the fields of a record of kind ${kind}`)
  await space.replica.append([op])
}

export function subscribeToSpace(
  { id, replica }: Space,
  pattern: string,
  { last = 0, signal }: SubscribeOptions = {},
): Subscription {
  const fits = matcherOf(pattern)
  const subjectOf = ({ op }: Rec) => `space.${id}.${op.k}`
  // unbounded by itself: it holds references to records, and the space's own bounds hold for those
  const queue = new EventQueue<Published>(Number.POSITIVE_INFINITY)
  const given = new Set<string>()
  const give = (record: Rec) => {
    if (given.has(record.id) || !fits(subjectOf(record))) return
    given.add(record.id)
    queue.push(published(record, subjectOf(record)))
  }
  const before = [...replica.records.all()].filter(record => fits(subjectOf(record)))
  const unsubscribe = replica.subscribe(news => {
    for (const record of news) give(record)
  })
  const stop = () => {
    unsubscribe()
    queue.end()
  }
  if (last > 0) for (const record of before.sort((a, b) => a.time - b.time).slice(-last)) give(record)
  return { missed: 0, ...listening(queue, stop, signal) }
}

function published(record: Rec, subject: string): Published {
  const { id, time, by, op } = record
  const from = peerIdOf(by)
  const { k: _, ...data } = op
  const agent = 'agent' in op && op.agent !== undefined ? { agent: agentIdOf(from, op.agent) } : {}
  return { subject, data: data as Json, from, id, time, record, ...agent }
}
