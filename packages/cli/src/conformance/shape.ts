/** Whether a message of a gateway has the fields that PROTOCOL.md gives its type. */
import { GATEWAY_ANSWERS, type GatewayAnswerType, type Kind, PATTERNS, RECORDS } from '@amp-mesh/protocol'
import type { Told } from './hearing.ts'
import { holds, Unmet } from './unmet.ts'

/** Kinds of records that are not shown. */
export const UNTOLD: readonly Kind[] = ['ack', 'admit', 'cert', 'ckpt', 'edit']

export const isRecord = ({ type }: Told): boolean => Object.hasOwn(RECORDS, type)

/** Throws Unmet for an answer that is none. That it names in `re` what it answers is another promise. */
export function answerIsSound(told: Told): void {
  if (!Object.hasOwn(GATEWAY_ANSWERS, told.type)) throw new Unmet('an answer of the gateway', JSON.stringify(told))
  const { type, ...fields } = told
  const { error } = GATEWAY_ANSWERS[type as GatewayAnswerType].safeParse({ re: '', ...fields })
  if (error !== undefined)
    throw new Unmet(`a "${type}" as in PROTOCOL.md`, `${error.message} in ${JSON.stringify(told)}`)
}

/** Throws Unmet for a record that is not shown as GW-7 says. */
export function recordIsSound(told: Told): void {
  const { type, id, from, space, time, ...fields } = told
  const kind = type as Kind
  holds(`no "${type}" to be shown`, isRecord(told) && !UNTOLD.includes(kind), told)
  holds(`a record id in \`id\` of "${type}"`, typeof id === 'string' && PATTERNS.recordId.test(id), id)
  holds(`an agent id or PeerId in \`from\` of "${type}"`, typeof from === 'string' && isSpeaker(from), from)
  holds(`a space id in \`space\` of "${type}"`, typeof space === 'string' && PATTERNS.hash.test(space), space)
  holds(`ms since the epoch in \`time\` of "${type}"`, Number.isSafeInteger(time), time)
  const { error } = RECORDS[kind].safeParse(fields)
  if (error !== undefined) throw new Unmet(`the fields of "${type}"`, `${error.message} in ${JSON.stringify(told)}`)
}

const isSpeaker = (from: string) => PATTERNS.peerId.test(from) || PATTERNS.agentId.test(from)
