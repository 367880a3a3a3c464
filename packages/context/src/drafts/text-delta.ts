/**
 * What a transaction did to a text, as a delta. Yjs's own `event.delta` deletes formats it finds redundant while it
 * reads: in a draft that would be a change that no edit has.
 */
import * as Y from 'yjs'

interface Step {
  insert?: string | object
  delete?: number
  retain?: number
  attributes?: Readonly<Record<string, unknown>>
}

export function textDelta(event: Y.YEvent<Y.AbstractType<unknown>>, text: Y.Text): Step[] {
  const steps: Step[] = []
  /** Formats in force at the place, before and after the transaction. */
  const before = new Map<string, unknown>()
  const after = new Map<string, unknown>()
  for (let item = text._start; item !== null; item = item.right) {
    const isNew = event.adds(item)
    const wasThere = !isNew && (!item.deleted || event.deletes(item))
    const { content } = item
    if (content instanceof Y.ContentFormat) {
      if (wasThere) before.set(content.key, content.value)
      if (!item.deleted) after.set(content.key, content.value)
    } else if (item.countable && wasThere && item.deleted) steps.push({ delete: item.length })
    else if (item.countable && wasThere) retain(steps, item.length, changed(before, after))
    else if (item.countable && !item.deleted)
      for (const insert of insertsOf(content)) steps.push({ insert, ...attributes(inForce(after)) })
  }
  while (steps.at(-1)?.retain !== undefined && steps.at(-1)?.attributes === undefined) steps.pop()
  return steps
}

/** What stays as it is makes one step, however many items it is. */
function retain(steps: Step[], length: number, formats: ReadonlyMap<string, unknown>): void {
  const last = steps.at(-1)
  if (formats.size === 0 && last?.retain !== undefined && last.attributes === undefined) last.retain += length
  else steps.push({ retain: length, ...attributes(formats) })
}

/** A type is a copy: it can stand in one document only. */
function insertsOf(content: Y.Item['content']): (string | object)[] {
  if (content instanceof Y.ContentString) return [content.str]
  return content.getContent().map(value => (value instanceof Y.AbstractType ? value.clone() : value))
}

/** Formats to set, or to end with null, where a text stayed. */
function changed(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>) {
  if (before.size === 0 && after.size === 0) return NOTHING
  const keys = new Set([...before.keys(), ...after.keys()])
  const differs = (key: string) => JSON.stringify(before.get(key) ?? null) !== JSON.stringify(after.get(key) ?? null)
  return new Map([...keys].filter(differs).map(key => [key, after.get(key) ?? null]))
}

const NOTHING: ReadonlyMap<string, unknown> = new Map()

const inForce = (formats: ReadonlyMap<string, unknown>) => new Map([...formats].filter(([, value]) => value !== null))

const attributes = (formats: ReadonlyMap<string, unknown>) =>
  formats.size === 0 ? {} : { attributes: Object.fromEntries(formats) }
