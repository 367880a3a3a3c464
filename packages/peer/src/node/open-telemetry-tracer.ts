/** Traces through the OpenTelemetry API: recorded by whatever SDK the process has registered, by nobody without one. */
import type { Fields, Tracer } from '@amp-mesh/protocol'
import {
  context,
  isSpanContextValid,
  type Tracer as OpenTelemetry,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'

/** `tracer`: default, that of the process. */
export const openTelemetryTracer = (tracer: OpenTelemetry = trace.getTracer('amp-mesh')): Tracer => ({
  start(name, parent, fields = {}) {
    const around = parent === undefined ? context.active() : contextOf(parent)
    const span = tracer.startSpan(name, { attributes: attributesOf(fields) }, around)
    return {
      traceparent: traceparentOf(span),
      end(more = {}, error) {
        span.setAttributes(attributesOf(more))
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: String(error).slice(0, 256) })
        span.end()
      },
    }
  },
})

/** As another peer sent it: what is no traceparent begins a trace of its own. */
function contextOf(traceparent: string) {
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? []
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
}

function traceparentOf(span: Span): string | undefined {
  const own = span.spanContext()
  if (!isSpanContextValid(own)) return undefined
  return `00-${own.traceId}-${own.spanId}-${own.traceFlags.toString(16).padStart(2, '0')}`
}

const attributesOf = (fields: Fields): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[`amp.${name}`, value]])),
  )
