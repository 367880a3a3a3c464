/** A rival that is no stream: A2A's JSON-RPC through its official SDK, a request a message, 64 of them at once. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AgentCard, Message, SendMessageRequest } from '@a2a-js/sdk'
import { JsonRpcTransportFactory, type Transport } from '@a2a-js/sdk/client'
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  ServerCallContext,
} from '@a2a-js/sdk/server'
import type { Client, Contender, Letter } from './contender.ts'

const AT_ONCE = 64
const VERSION = '1.0'
/** A message with this text is no letter: it asks how many came. */
const COUNT = 'count'

export const a2a: Contender = {
  name: 'A2A JSON-RPC, a request a message, 64 at once',
  share: 0.02,
  async serve() {
    const handler = new JsonRpcTransportHandler(
      new DefaultRequestHandler(cardAt('http://127.0.0.1'), new InMemoryTaskStore(), counting()),
    )
    const http = createServer((request, response) => void answer(handler, request, response))
    http.keepAliveTimeout = 0 // the client's pool would meet connections that are being closed
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    return { address: `http://127.0.0.1:${(http.address() as AddressInfo).port}/` }
  },
  async dial(address) {
    return new A2aClient(await new JsonRpcTransportFactory().create(address, cardAt(address)))
  },
}

class A2aClient implements Client {
  readonly #transport: Transport
  #sent = 0

  constructor(transport: Transport) {
    this.#transport = transport
  }

  async flood(letter: Letter, times: number): Promise<number> {
    let left = times
    const sender = async () => {
      while (left-- > 0) await this.#send(JSON.stringify(letter))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, sender))
    return Number(await this.#send(COUNT))
  }

  async roundTrip(): Promise<void> {
    await this.#send(COUNT)
  }

  async close(): Promise<void> {}

  async #send(text: string): Promise<string> {
    const message = { messageId: `message-${++this.#sent}`, role: 'ROLE_USER', parts: [{ text }] }
    const answer = await this.#transport.sendMessage(SendMessageRequest.fromJSON({ message }))
    return 'parts' in answer ? textOf(answer) : ''
  }
}

function counting(): AgentExecutor {
  let count = 0
  return {
    async execute({ userMessage, contextId }, bus) {
      const isQuestion = textOf(userMessage) === COUNT
      const text = isQuestion ? String(count) : 'ok'
      count = isQuestion ? 0 : count + 1
      const answer = { messageId: `answer-${count}`, role: 'ROLE_AGENT', contextId, parts: [{ text }] }
      bus.publish(AgentEvent.message(Message.fromJSON(answer)))
      bus.finished()
    },
    async cancelTask() {},
  }
}

async function answer(handler: JsonRpcTransportHandler, request: IncomingMessage, response: ServerResponse) {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  const context = new ServerCallContext({ requestedVersion: VERSION })
  const answered = await handler.handle(Buffer.concat(parts).toString(), context)
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answered))
}

const textOf = ({ parts: [part] }: Message): string => (part?.content?.$case === 'text' ? part.content.value : '')

const cardAt = (url: string): AgentCard =>
  AgentCard.fromJSON({
    name: 'clerk',
    description: 'Counts letters.',
    version: '1',
    supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: VERSION }],
    capabilities: {},
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [],
  })
