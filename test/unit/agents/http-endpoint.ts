/** A real HTTP server that answers as told; it ends with the test. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export type Behaviour = (response: ServerResponse, request: IncomingMessage, body: string) => void
export interface Endpoint {
  url: string
  bodies: string[]
  /** Takes no more connections. */
  close(): void
}
/** Answers the n-th request with the n-th behaviour, the last one for all that follow. */
export async function endpoint(...behaviours: Behaviour[]): Promise<Endpoint> {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(body)
    behaviours[Math.min(bodies.length, behaviours.length) - 1]?.(response, request, body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, bodies, close: () => server.close() }
}

export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Behaviour =>
  response => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(value))
  }
