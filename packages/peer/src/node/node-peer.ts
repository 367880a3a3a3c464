/**
 * A peer on Node: its agents speak with others directly, and its one port also has a gateway for plain clients and
 * rooms for Yjs clients.
 */
import { type AgentId, AmpError, type Cancel, type Json, type SpaceId } from '@amp-mesh/protocol'
import { ComposedPeer } from '../compose.ts'
import type { Address } from '../delivery/address.ts'
import type { Direct, OnConnect } from '../delivery/direct.ts'
import type { Receipt } from '../delivery/receipt.ts'
import type { Receive } from '../delivery/receiver.ts'
import type { DraftShelf } from '../drafts/draft-shelf.ts'
import {
  type ConnectOptions,
  type LetterOptions,
  type Messages,
  Messaging,
  type ReceiveOptions,
  type SendOptions,
} from '../messaging.ts'
import type { SubscribeOptions, Subscription } from '../subjects/subscription.ts'
import { type DoorInit, tokenCheck } from './door.ts'
import type { GatewayServer } from './gateway-server.ts'
import { healthPage, metricsPage, readPeer } from './monitoring-pages.ts'
import type { NodeParts } from './node-parts.ts'
import type { RoomServer } from './room-server.ts'
import { roomsUrl } from './rooms-url.ts'

const GATEWAY_PATH = '/amp/mesh'

export class NodePeer extends ComposedPeer implements Messages {
  /**
   * What clients of the gateway and the rooms show: as the subprotocol `amp.token.<token>`, or as
   * `Authorization: Bearer <token>`.
   */
  readonly token: string
  /** Where programs of this user find it; undefined when it was given in words. */
  readonly tokenFile: string | undefined
  readonly #parts: NodeParts
  #messaging: Messaging | undefined
  readonly #door: DoorInit
  #gateway: Promise<GatewayServer> | undefined
  #rooms: Promise<RoomServer> | undefined
  #drafts: Promise<DraftShelf> | undefined

  constructor(parts: NodeParts) {
    super(parts)
    this.#parts = parts
    const { token, tokenFile, names, origins } = parts.door
    this.token = token
    this.tokenFile = tokenFile
    this.#door = { isToken: tokenCheck(token), names, origins }
    const { front } = parts.network
    readPeer(parts.metrics, this)
    const unregister = [
      front.page(
        '/healthz',
        healthPage(() => this.isRunning),
      ),
      front.page('/metrics', metricsPage(parts.metrics, this.#door)),
      front.upgrade('/context/', (...knock) => {
        this.#rooms ??= this.#openRooms()
        this.#rooms.then(
          rooms => rooms.knock(...knock),
          () => knock[1].destroy(),
        )
      }),
      front.upgrade(GATEWAY_PATH, (...knock) => {
        this.#openGateway().then(
          gateway => gateway.knock(...knock),
          () => knock[1].destroy(),
        )
      }),
      front.post(GATEWAY_PATH, (request, response) => {
        this.#openGateway().then(
          gateway => gateway.post(request, response),
          () => response.destroy(),
        )
      }),
    ]
    this.onStop(async () => {
      for (const cancel of unregister) cancel()
      const gateway = await this.#gateway?.catch(() => undefined)
      gateway?.close()
      const rooms = await this.#rooms?.catch(() => undefined)
      rooms?.close()
      const drafts = await this.#drafts?.catch(() => undefined)
      await drafts?.close()
    })
  }

  override async start(): Promise<void> {
    const { lines } = this
    const messaging = await Messaging.open({
      ...this.#parts,
      lines,
      find: (text, how) => this.find(text, how),
      space: id => this.space(id),
    })
    this.#messaging = messaging
    this.onStop(() => messaging.close())
    await super.start()
  }

  /** Those of this machine first; who is behind NAT has others for the rest of the world. */
  override addresses(): string[] {
    return [...new Set([...this.#parts.network.localAddresses(), ...super.addresses()])]
  }

  /** {@link Messaging.send} */
  send(to: Address, message: Json, options?: LetterOptions): Receipt {
    return this.messaging.send(to, message, options)
  }

  /** {@link Messaging.request} */
  request(to: Address, message: Json, options?: SendOptions): Promise<Json> {
    return this.messaging.request(to, message, options)
  }

  /** {@link Messaging.receive} */
  receive(agent: string, receive: Receive, options?: ReceiveOptions): Cancel {
    return this.messaging.receive(agent, receive, options)
  }

  /** {@link Messaging.publish} */
  publish(subject: string, data: Json, options?: Pick<SendOptions, 'as'>): Promise<void> {
    return this.messaging.publish(subject, data, options)
  }

  /** {@link Messaging.subscribe} */
  subscribe(pattern: string, options?: SubscribeOptions): Subscription {
    return this.messaging.subscribe(pattern, options)
  }

  /** {@link Messaging.connect} */
  connect(to: AgentId, options?: ConnectOptions): Promise<Direct> {
    return this.messaging.connect(to, options)
  }

  /** {@link Messaging.onConnect} */
  onConnect(agent: string, onConnect: OnConnect): Cancel {
    return this.messaging.onConnect(agent, onConnect)
  }

  get messaging(): Messaging {
    if (this.#messaging === undefined) throw new AmpError('stopped', 'this peer has not started yet')
    return this.#messaging
  }

  /** Collaborative texts: each runs in a thread of its own. */
  drafts(): Promise<DraftShelf> {
    this.#drafts ??= this.#openDrafts()
    return this.#drafts
  }

  /**
   * What y-websocket calls the server's address: `ws://127.0.0.1:4100/context/<spaceId>`; the rooms in it are `graph`,
   * `views`, `outbox` and `draft/<id>`. Throws `stopped` when the peer does not listen.
   */
  roomsUrl(space: SpaceId): string {
    return roomsUrl(this.#authority, space)
  }

  /**
   * Where plain clients talk to this peer: `ws://127.0.0.1:4100/amp/mesh`, or with a certificate
   * `wss://<its first name>:4100/amp/mesh`. Throws `stopped` when it doesn't listen.
   */
  get gatewayUrl(): string {
    const authority = this.#authority
    const { front } = this.#parts.network
    const [name] = this.#parts.door.names
    if (!front.secure || name === undefined) return `ws://${authority}${GATEWAY_PATH}`
    return `wss://${name}:${front.port}${GATEWAY_PATH}`
  }

  get #authority(): string {
    const { authority } = this.#parts.network.front
    if (authority === undefined) throw new AmpError('stopped', 'this peer does not listen')
    return authority
  }

  #openGateway(): Promise<GatewayServer> {
    this.#gateway ??= import('./gateway-server.ts').then(({ GatewayServer }) => new GatewayServer(this, this.#door))
    return this.#gateway
  }

  async #openRooms(): Promise<RoomServer> {
    const [{ RoomServer }, drafts] = await Promise.all([import('./room-server.ts'), this.drafts()])
    const { clock } = this
    return new RoomServer({
      ...this.#door,
      clock,
      space: id => this.space(id),
      draft: (space, id) => drafts.open(space, id),
    })
  }

  async #openDrafts(): Promise<DraftShelf> {
    const [{ DraftShelf }, { startDraftWorker }] = await Promise.all([
      import('../drafts/draft-shelf.ts'),
      import('./draft-worker.ts'),
    ])
    return new DraftShelf({ ...this.#parts, startWorker: startDraftWorker })
  }
}
