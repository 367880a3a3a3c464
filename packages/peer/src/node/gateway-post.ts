/** `POST /amp/mesh`: one JSON message in the body, and a line of JSON for each that comes of it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AmpError, fromUtf8, GATEWAY_LIMITS, type GatewayAnswer, WIRE_LIMITS } from '@amp-mesh/protocol'
import type { Gateway } from '../gateway/gateway.ts'
import { errorFor } from '../gateway/gateway-error.ts'
import type { Connection } from '../gateway/line.ts'
import type { Refusal } from './door.ts'

/** Answers until the conversation of the message is over, or the client hangs up. Never rejects. */
export async function answerPost(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal | undefined,
): Promise<void> {
  response.on('error', () => response.destroy())
  if (refusal !== undefined) return fail(response, refusal.status, new AmpError('not-allowed', refusal.why))
  const body = await bodyOf(request).catch(() => undefined)
  if (body === undefined)
    return fail(response, 413, new AmpError('too-large', `a message may hold ${WIRE_LIMITS.message} bytes`))
  const connection = connectionOf(response)
  const attendant = gateway.enter(connection, 'json', 'silent')
  if (attendant === undefined) return
  response.on('close', () => gateway.dismiss(connection))
  await attendant.receive(body).ended
  gateway.dismiss(connection)
  response.end()
}

/** Rejects as soon as it is too long. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    length += part.length
    if (length > WIRE_LIMITS.message) throw new AmpError('too-large')
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function connectionOf(response: ServerResponse): Connection {
  return {
    send(bytes) {
      if (!response.headersSent) response.writeHead(statusOf(bytes), HEADERS)
      response.write(bytes)
      response.write('\n')
    },
    get backlog() {
      return response.writableLength
    },
    drained: () =>
      new Promise(resolve => {
        if (response.destroyed || response.writableLength <= GATEWAY_LIMITS.flow) return resolve()
        response.once('drain', resolve).once('close', resolve)
      }),
    close(_, reason) {
      if (response.headersSent)
        response.destroy() // so that the client sees that lines are missing
      else fail(response, 503, new AmpError('busy', reason))
    },
  }
}

const HEADERS = { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' }

function fail(response: ServerResponse, status: number, error: AmpError): void {
  response.writeHead(status, { ...HEADERS, connection: 'close' }).end(`${JSON.stringify(errorFor(error))}\n`)
}

/** HTTP's word for the first message: that it failed, if it did. */
function statusOf(first: Uint8Array): number {
  const answer = JSON.parse(fromUtf8(first)) as Pick<GatewayAnswer<'error'>, 'type' | 'code'>
  return answer.type === 'error' ? (STATUS[answer.code] ?? 500) : 200
}

const STATUS: Readonly<Record<string, number>> = {
  'bad-message': 400,
  'unknown-type': 400,
  'unknown-parent': 404,
  'unknown-space': 404,
  'not-allowed': 403,
  'too-large': 413,
  stale: 410,
  busy: 429,
}
