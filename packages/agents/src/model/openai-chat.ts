/** Chat completions of any endpoint that speaks the OpenAI API. */
import {
  AmpError,
  type Clock,
  type Model,
  type ModelAnswer,
  type ModelRequest,
  orAborted,
  type Random,
} from '@amp-mesh/protocol'
import type OpenAI from 'openai'
import type { Watch } from './deadline.ts'
import { OpenAiCalls } from './openai-calls.ts'

export interface OpenAiModelOptions {
  baseURL: string
  apiKey: string
  /** The model's name at that endpoint. */
  model: string
  clock: Clock
  random: Random
  /** One `complete` call with all its retries, ms (default 60,000). */
  deadlineMs?: number
  /** Longest silence: before the first piece of a streamed answer, and between two, ms (default 20,000). */
  silenceMs?: number
  /** Ask for the answer in pieces (default), so that a dead endpoint shows early; false for servers that can't. */
  stream?: boolean
}

/** An answer longer than this many characters is cut off as a failure: no prompt of ours needs more. */
const MAX_ANSWER = 256 * 1024
const DEADLINE_MS = 60_000
const SILENCE_MS = 20_000

/** The model, its client loaded. */
export function openaiChat(options: OpenAiModelOptions): Model {
  const { deadlineMs = DEADLINE_MS, silenceMs = SILENCE_MS, stream = true } = options
  const calls = new OpenAiCalls({ ...options, deadlineMs })
  const { completions } = calls.client.chat

  async function once(request: ModelRequest, watch: Watch): Promise<ModelAnswer> {
    const body = { ...bodyOf(request), model: options.model }
    if (!stream) {
      const sent = completions.create({ ...body, stream: false }, { signal: watch.signal })
      return wholeAnswer(await orAborted(sent, watch.signal))
    }
    watch.alive(silenceMs)
    const sent = completions.create(
      { ...body, stream: true, stream_options: { include_usage: true } },
      { signal: watch.signal },
    )
    return joinedAnswer(await orAborted(sent, watch.signal), watch, silenceMs)
  }

  return {
    id: options.model,
    complete: (request, signal) => calls.call(watch => once(request, watch), signal),
  }
}

function bodyOf(request: ModelRequest) {
  return {
    messages: [
      ...(request.system === undefined ? [] : [{ role: 'system' as const, content: request.system }]),
      ...request.messages.map(({ role, content }) => ({ role, content })),
    ],
    ...(request.maxTokens !== undefined && { max_tokens: request.maxTokens }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.json === true && { response_format: { type: 'json_object' as const } }),
  }
}

function wholeAnswer(completion: OpenAI.ChatCompletion): ModelAnswer {
  const choice = completion.choices?.[0]
  return answerOf(choice?.message?.content ?? '', choice?.finish_reason, completion.usage)
}

async function joinedAnswer(
  stream: AsyncIterable<OpenAI.ChatCompletionChunk>,
  watch: Watch,
  silenceMs: number,
): Promise<ModelAnswer> {
  let text = ''
  let finish: string | null | undefined
  let usage: OpenAI.CompletionUsage | null | undefined
  const pieces = stream[Symbol.asyncIterator]()
  for (;;) {
    watch.alive(silenceMs)
    const { done, value } = await orAborted(pieces.next(), watch.signal)
    if (done === true) break
    text += value.choices?.[0]?.delta?.content ?? ''
    finish = value.choices?.[0]?.finish_reason ?? finish
    usage = value.usage ?? usage
    if (text.length > MAX_ANSWER) break
  }
  await pieces.return?.()
  return answerOf(text, finish, usage)
}

/** A stream that was cut ends like one that is complete: only `finish_reason` tells them apart. */
function answerOf(
  text: string,
  finish: string | null | undefined,
  usage: OpenAI.CompletionUsage | null | undefined,
): ModelAnswer {
  if (text.length > MAX_ANSWER)
    throw new AmpError('model-failed', 'the model did not stop talking: ask for less, or set maxTokens')
  if (typeof finish !== 'string')
    throw new AmpError('model-failed', 'the answer of the model broke off before its end: ask again')
  if (finish === 'content_filter')
    throw new AmpError('model-failed', 'the model refused this content: put the question differently')
  return { text, ...(usage && { usage: { input: usage.prompt_tokens, output: usage.completion_tokens } }) }
}
