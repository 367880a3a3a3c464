/** Traces: how long the steps of a question take, on whichever peer. Who wants to know hands in a tracer. */
import type { Fields } from './ports.ts'

/** A step that has begun. */
export interface Span {
  /** By this another step, on another peer perhaps, is part of it: W3C `traceparent`. Undefined: nobody records it. */
  readonly traceparent: string | undefined
  /** `error`: it failed. */
  end(fields?: Fields, error?: unknown): void
}

export interface Tracer {
  /** `parent`: the `traceparent` of what it is part of, as it came from another peer; undefined begins a trace. */
  start(name: string, parent: string | undefined, fields?: Fields): Span
}

/** Records nothing; what others record goes on behind it. */
export const silentTracer: Tracer = { start: (_, parent) => ({ traceparent: parent, end() {} }) }

/** Runs `action` as a step of the trace `parent`. What is part of no trace is not recorded. */
export async function traced<T>(
  tracer: Tracer,
  parent: string | undefined,
  name: string,
  fields: Fields,
  action: () => Promise<T>,
): Promise<T> {
  if (parent === undefined) return action()
  const span = tracer.start(name, parent, fields)
  try {
    const value = await action()
    span.end()
    return value
  } catch (error) {
    span.end({}, error)
    throw error
  }
}
