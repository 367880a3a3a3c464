/** A plain client of the gateway, as any program could be one: a WebSocket that keeps what it is told. */
import type { NodePeer } from '@amp-mesh/peer/node'
import { Unpackr } from 'msgpackr'
import { WebSocket } from 'ws'
import { until } from '../until.ts'

/** A peer whose gateway is spoken to. */
export type GatewayHost = Pick<NodePeer, 'gatewayUrl' | 'token'>

/** A message as it came. */
export interface Told {
  readonly type: string
  readonly id: string
  readonly [field: string]: unknown
}

const unpackr = new Unpackr({ useRecords: false })

export class PlainClient {
  readonly socket: WebSocket
  readonly told: Told[] = []
  closed: { code: number; reason: string } | undefined

  constructor({ gatewayUrl, token }: GatewayHost, protocols: string[] = ['amp.v1.json'], headers = {}) {
    this.socket = new WebSocket(gatewayUrl, protocols, { headers: { authorization: `Bearer ${token}`, ...headers } })
    this.socket.on('message', (data: Buffer, isBinary) =>
      this.told.push(isBinary ? unpackr.unpack(data) : JSON.parse(data.toString())),
    )
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
    })
    this.socket.on('error', () => {})
  }

  async opened(): Promise<this> {
    await until('it is greeted', () => this.told.length > 0)
    return this
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  /** The first message of this type, and with these fields, once it is there. */
  async hears(type: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Told> {
    const find = () => this.told.find(told => told.type === type && matches(told, fields))
    await until(`${type} ${JSON.stringify(fields)}`, () => find() !== undefined)
    return find() as Told
  }

  of(type: string): Told[] {
    return this.told.filter(told => told.type === type)
  }

  async left(): Promise<void> {
    this.socket.terminate()
    await until('it is closed', () => this.closed !== undefined)
  }
}

const matches = (told: Told, fields: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(fields).every(([name, value]) => told[name] === value)
