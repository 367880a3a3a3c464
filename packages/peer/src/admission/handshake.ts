/** The words of admission, right after noise has proved who both are: each shows what makes it a member. */
import {
  ADMISSION_LIMITS,
  AmpError,
  decodeMessage,
  encodeMessage,
  type Message,
  type MessageType,
  type PeerId,
  WIRE_LIMITS,
  wireCodeOf,
} from '@amp-mesh/protocol'
import type { Membership } from './membership.ts'

/** Whole messages over a connection that is not in use yet. */
export interface Conversation {
  /** The next body, of at most so many bytes; rejects when there is none. */
  read(maxBytes: number): Promise<Uint8Array>
  write(body: Uint8Array): Promise<void>
}

/** Asks `listener` in. Rejects with `not-allowed` when it refuses, or is no member itself. */
export async function enter(talk: Conversation, listener: PeerId, membership: Membership): Promise<void> {
  const { invitation } = membership
  const certificates = await membership.certificates()
  await say(talk, {
    type: 'admission',
    certificates,
    held: membership.held,
    lists: [],
    ...(invitation !== undefined && { invitation }),
  })
  const answer = await heard(talk, 'admission', WIRE_LIMITS.message)
  membership.hear(answer.lists)
  await membership.admit(listener, { certificates: answer.certificates })
  if (answer.issued !== undefined) await membership.receive(answer.issued)
  await say(talk, { type: 'revocations', lists: membership.listsBeyond(answer.held) })
}

/** Lets `dialler` in, or rejects with why not; it is told a code. Nothing of this peer is told before. */
export async function receive(talk: Conversation, dialler: PeerId, membership: Membership): Promise<void> {
  try {
    const asked = await heard(talk, 'admission', ADMISSION_LIMITS.strangerBytes)
    const issued = await membership.admit(dialler, asked)
    await say(talk, {
      type: 'admission',
      certificates: await membership.certificates(),
      held: membership.held,
      lists: membership.listsBeyond(asked.held),
      ...(issued !== undefined && { issued }),
    })
    membership.hear((await heard(talk, 'revocations', WIRE_LIMITS.message)).lists)
  } catch (error) {
    await say(talk, { type: 'error', code: wireCodeOf(error) }).catch(() => {})
    throw error
  }
}

const say = (talk: Conversation, message: Message): Promise<void> => talk.write(encodeMessage(message))

async function heard<T extends MessageType>(talk: Conversation, type: T, maxBytes: number) {
  const message: Message = decodeMessage(await talk.read(maxBytes), { maxBytes })
  if (isOf(type, message)) return message
  if (message.type === 'error')
    throw new AmpError(
      'not-allowed',
      'that peer did not let this one into its mesh: the invitation was used, expired or taken back; ask for another',
      message.code,
    )
  throw new AmpError('bad-message', `expected ${type}`, message.type)
}

const isOf = <T extends MessageType>(type: T, message: Message): message is Extract<Message, { type: T }> =>
  message.type === type
