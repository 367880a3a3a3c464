/**
 * The JSON binding: the same vocabulary for plain clients, one JSON object a message. It fills in id, time and space,
 * keeps `from` as a label, and leaves names that are not record ids for the session to resolve. Nothing else is
 * lenient.
 */
import * as z from 'zod/mini'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from './bytes.ts'
import { UNSAFE_KEYS } from './canonical-json.ts'
import { readMessage } from './codec.ts'
import { AmpError, DecodeError } from './errors.ts'
import { hash, list, natural, optional, recordId, text, words } from './field.ts'
import { checked } from './flaw.ts'
import { PATTERNS, type RecordId, type SpaceId } from './ids.ts'
import { WIRE_LIMITS } from './limits.ts'
import { type Kind, MESSAGES, type Message, type Op, RECORDS } from './vocabulary.ts'

/**
 * Fields of a record that name the one it answers to. A plain client may leave them out or put a name of its own there.
 */
export const TARGETS = ['for', 'parent', 'of', 'task', 'in'] as const
export type Target = (typeof TARGETS)[number]

/** What a plain client says: a message as peers exchange it, or a record that is still to be written. */
export type ClientMessage = ClientEphemeral | ClientRecord

export interface ClientEphemeral {
  readonly kind: 'message'
  /** Who speaks, in the client's own words: a label, nobody vouches for it. */
  readonly from?: string
  readonly message: Message
}

export interface ClientRecord {
  readonly kind: 'record'
  /** The client's own name for it; later ones may call it so in `parent`. Towards a client: the record's id. */
  readonly id: string
  readonly time: number
  readonly space?: SpaceId
  readonly from?: string
  /** The record's fields, without the targets that are not record ids. */
  readonly op: Draft
  /** Those targets, as the client named them. */
  readonly names: Readonly<Partial<Record<Target, string>>>
  /** The `references` that are not record ids. */
  readonly unresolved: readonly string[]
}

/** A record whose targets may be open. */
export type Draft<K extends Kind = Kind> = {
  [P in K]: Omit<Op<P>, Target> & Partial<Pick<Op<P>, Extract<keyof Op<P>, Target>>>
}[K]

/** A client's message as an object, before its fields are read. */
export type ClientFields = Record<string, unknown>

/** What the session puts where a plain client left something out. */
export interface Fill {
  id: string
  /** ms since the epoch. */
  time: number
  /** The session's latest space; undefined before its first. */
  space?: SpaceId | undefined
}

const MAX_LABEL = 128
const label = text(MAX_LABEL)
const nameList = list(text())
/** What every message of a plain client has around its own fields. */
export const CLIENT_ENVELOPE = {
  id: words(MAX_LABEL),
  time: natural,
  space: optional(hash),
  from: optional(label),
}
const envelope = z.object(CLIENT_ENVELOPE)

/**
 * Throws DecodeError `too-large`, `bad-message` or `unknown-type`. A repeated key counts as JSON.parse has it: the
 * last.
 */
export function decodeJson(body: Uint8Array, options: { fill: Fill; maxBytes?: number }): ClientMessage {
  const value = parseJsonObject(body, options)
  const { type } = value
  if (typeof type !== 'string') throw new DecodeError('bad-message', 'a message has a type, in words')
  // `broadcast` is both: with a genesis it is a question on its way between peers, without one it is being asked.
  const isRecord = Object.hasOwn(RECORDS, type) && !(type === 'broadcast' && 'genesis' in value)
  return isRecord ? readClientRecord(type as Kind, value, options.fill) : readEphemeral(type, value, options.fill)
}

/** The JSON object in a body, its structure checked and its fields not yet. Throws as {@link decodeJson}. */
export function parseJsonObject(
  body: Uint8Array,
  { maxBytes = WIRE_LIMITS.message }: { maxBytes?: number },
): ClientFields {
  if (body.length > maxBytes)
    throw new DecodeError('too-large', `a message may hold ${maxBytes} bytes, not ${body.length}`)
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(body))
  } catch (cause) {
    throw new DecodeError('bad-message', 'not JSON', undefined, cause)
  }
  checkTree(value, 0)
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new DecodeError('bad-message', 'a message is a JSON object')
  return { ...value }
}

/** A record of this kind as a plain client says it. Throws DecodeError `bad-message`. */
export function readClientRecord(kind: Kind, value: ClientFields, fill: Fill): ClientRecord {
  // agent and via are the peer's words for who spoke; a client's word for itself is `from`
  const { type: _type, id, time, space, from, agent: _agent, via: _via, ...fields } = value
  const head = defined({ id: id ?? fill.id, time: time ?? fill.time, space: space ?? fill.space, from })
  const { names, unresolved } = takeNames(kind, fields)
  const op = checked(drafts[kind], fields, `a ${kind}`)
  return {
    kind: 'record',
    ...checked(envelope, head, `a ${kind}`),
    op: { k: kind, ...op } as Draft,
    names,
    unresolved,
  } as ClientRecord
}

/** One JSON object; bytes are base64url without padding. What decodeJson reads back. */
export function encodeJson(said: ClientMessage): Uint8Array {
  if (said.kind === 'message') return utf8(JSON.stringify({ ...said.message, from: said.from }, bytesAsText))
  const { op, names, unresolved, id, time, space, from } = said
  const { k: type, ...fields } = op
  const known = 'references' in op ? op.references : undefined
  const references = known === undefined && unresolved.length === 0 ? undefined : [...(known ?? []), ...unresolved]
  return utf8(JSON.stringify({ type, id, time, space, from, ...fields, references, ...names }))
}

/**
 * The record as it will be written: `resolve` gives the id for a target the client named, or left out (name undefined).
 * The label of the client becomes `via`. Throws AmpError `unknown-parent` when a name or a needed target finds no
 * record.
 */
export function completeRecord(
  said: ClientRecord,
  resolve: (target: Target, name: string | undefined) => RecordId | undefined,
): Op {
  const found: Partial<Record<Target, RecordId>> = {}
  for (const target of TARGETS) {
    const name = said.names[target]
    if (name === undefined && (target in said.op || !needs(said.op.k, target))) continue
    const id = resolve(target, name)
    if (id === undefined)
      throw new AmpError('unknown-parent', `\`${target}\` names no record of this space; give the id of one`, name)
    found[target] = id
  }
  const { k, ...fields } = { ...said.op, ...found, ...(said.from === undefined ? {} : { via: said.from }) }
  return { k, ...checked<object>(RECORDS[k], fields, `a ${k}`) } as Op
}

/** Nesting, unsafe keys and lone surrogates (which UTF-8, and so the ledger, can't write). */
function checkTree(value: unknown, depth: number): void {
  if (typeof value === 'string' && !value.isWellFormed()) throw new DecodeError('bad-message', 'a lone surrogate')
  if (value === null || typeof value !== 'object') return
  if (depth >= WIRE_LIMITS.depth) throw new DecodeError('bad-message', 'nested too deep')
  for (const [key, item] of Object.entries(value)) {
    if (UNSAFE_KEYS.has(key) || !key.isWellFormed()) throw new DecodeError('bad-message', 'an unsafe key')
    checkTree(item, depth + 1)
  }
}

function readEphemeral(type: string, value: ClientFields, fill: Fill): ClientEphemeral {
  const { from, ...fields } = value
  const shape: Readonly<Record<string, z.ZodMiniType>> = Object.hasOwn(MESSAGES, type)
    ? MESSAGES[type as Message['type']].shape
    : {}
  for (const key of ['id', 'time', 'space'] as const)
    if (fields[key] === undefined && shape[key]?.safeParse(undefined).success === false) fields[key] = fill[key]
  for (const [key, schema] of Object.entries(shape)) if (key in fields) fields[key] = textAsBytes(schema, fields[key])
  const message = readMessage(fields)
  return from === undefined
    ? { kind: 'message', message }
    : { kind: 'message', from: checked(label, from, `a ${type}`), message }
}

/** Moves what is not a record id out of the targets and references of `fields`. */
function takeNames(kind: Kind, fields: ClientFields): Pick<ClientRecord, 'names' | 'unresolved'> {
  const named: Partial<Record<Target, string>> = {}
  for (const target of targetsOf(kind)) {
    const name = fields[target]
    if (typeof name !== 'string' || PATTERNS.recordId.test(name)) continue
    named[target] = checked(label, name, `a ${kind}`)
    delete fields[target]
  }
  if (!('references' in RECORDS[kind].shape) || fields.references === undefined) return { names: named, unresolved: [] }
  const references = checked(nameList, fields.references, `a ${kind}`)
  fields.references = references.filter(name => PATTERNS.recordId.test(name))
  return { names: named, unresolved: references.filter(name => !PATTERNS.recordId.test(name)) }
}

const targetsOf = (kind: Kind) => TARGETS.filter(target => target in RECORDS[kind].shape)

const needs = (kind: Kind, target: Target) => {
  const shape: Readonly<Record<string, z.ZodMiniType>> = RECORDS[kind].shape
  return shape[target]?.safeParse(undefined).success === false
}

/** The schemas of records with open targets. */
const drafts = Object.fromEntries(
  Object.entries(RECORDS).map(([kind, schema]) => {
    const open = targetsOf(kind as Kind).map(target => [target, optional(recordId)])
    return [kind, z.extend(schema as z.ZodMiniObject, Object.fromEntries(open))]
  }),
) as Record<Kind, z.ZodMiniObject>

/**
 * The value with its text decoded wherever the schema asks for bytes. What is not base64url stays, and fails the
 * schema.
 */
function textAsBytes(schema: unknown, value: unknown): unknown {
  if (schema instanceof z.ZodMiniOptional) return textAsBytes(schema.def.innerType, value)
  if (schema instanceof z.ZodMiniArray && Array.isArray(value))
    return value.map(item => textAsBytes(schema.def.element, item))
  if (schema instanceof z.ZodMiniTuple && Array.isArray(value))
    return value.map((item, i) => textAsBytes(schema.def.items[i], item))
  if (schema instanceof z.ZodMiniObject && value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textAsBytes(schema.shape[key], item)]))
  if (!(schema instanceof z.ZodMiniCustom) || typeof value !== 'string') return value
  try {
    return fromBase64url(value)
  } catch {
    return value
  }
}

/** For JSON.stringify. Reads the field itself: a Buffer has turned into an object by the time it is `value`. */
function bytesAsText(this: ClientFields, key: string, value: unknown): unknown {
  const field = this[key]
  return field instanceof Uint8Array ? toBase64url(field) : value
}

const defined = (fields: ClientFields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
