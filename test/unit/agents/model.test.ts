/** The model port, against a real HTTP server that speaks the API well, badly, slowly or not at all. */
import { openaiModel } from '@amp-mesh/agents'
import { modelFromEnvironment } from '@amp-mesh/agents/node'
import { AmpError, type Clock, type Model, type Random } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type Behaviour, endpoint, json } from './http-endpoint.ts'

const KEY = 'sk-very-secret'
const clock: Clock = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms)
    return () => clearTimeout(timer)
  },
}
const random: Random = { bytes: length => new Uint8Array(length), float: () => 0 }

const modelAt = (baseURL: string, more: { stream?: boolean; deadlineMs?: number; silenceMs?: number } = {}): Model =>
  openaiModel({ baseURL, apiKey: KEY, model: 'small', clock, random, ...more })

const ask = (model: Model, signal?: AbortSignal) =>
  model.complete({ system: 'be brief', messages: [{ role: 'user', content: 'hello' }] }, signal)

async function failure(promise: Promise<unknown>): Promise<AmpError> {
  const error = await promise.then(
    () => undefined,
    reason => reason,
  )
  expect(error).toBeInstanceOf(AmpError)
  expect(error.code).toBe('model-failed')
  expect(`${error.message} ${error.note}`).not.toContain(KEY)
  return error
}

const whole = (content: string, finish_reason: string | null = 'stop') =>
  json({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason }], usage: USAGE })
const USAGE = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 }

const sse = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const piece = (content: string, finish_reason: string | null = null) =>
  sse({ choices: [{ index: 0, delta: { content }, finish_reason }] })

/** Streams the parts, then ends, cuts or stalls. */
const streamed =
  (parts: string[], then: 'end' | 'cut' | 'stall' = 'end'): Behaviour =>
  response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const part of parts) response.write(part)
    if (then === 'end') response.end('data: [DONE]\n\n')
    if (then === 'cut') setImmediate(() => response.destroy())
  }

describe('[G7.model] openaiModel', () => {
  it('joins the pieces of a stream and counts its tokens', async () => {
    const { url, bodies } = await endpoint(
      streamed([piece('Hel'), piece('lo'), piece('', 'stop'), sse({ choices: [], usage: USAGE })]),
    )
    expect(await ask(modelAt(url))).toEqual({ text: 'Hello', usage: { input: 7, output: 2 } })
    const body = JSON.parse(bodies[0] ?? '')
    expect(body).toMatchObject({
      model: 'small',
      stream: true,
      messages: [{ role: 'system', content: 'be brief' }, { role: 'user' }],
    })
  })

  it('reads an answer in one piece', async () => {
    const { url } = await endpoint(whole('Hello'))
    expect(await ask(modelAt(url, { stream: false }))).toEqual({ text: 'Hello', usage: { input: 7, output: 2 } })
  })

  it('passes on what the request asks for', async () => {
    const { url, bodies } = await endpoint(whole('{}'))
    await modelAt(url, { stream: false }).complete({ messages: [], maxTokens: 5, temperature: 0, json: true })
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({
      max_tokens: 5,
      temperature: 0,
      response_format: { type: 'json_object' },
    })
  })

  it.each<[string, Behaviour, boolean]>([
    ['no header', () => {}, true],
    [
      'a stalled body',
      response => response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices": ['),
      false,
    ],
    ['a stalled stream', streamed([piece('Hel')], 'stall'), true],
  ])('ends at its deadline: %s', async (_, behaviour, stream) => {
    const { url } = await endpoint(behaviour)
    const error = await failure(ask(modelAt(url, { stream, deadlineMs: 150, silenceMs: 60_000 })))
    expect(error.message).toContain('did not answer within 150 ms')
  })

  it('ends after a silence inside a stream, long before its deadline', async () => {
    const { url } = await endpoint(streamed([piece('Hel')], 'stall'))
    const error = await failure(ask(modelAt(url, { silenceMs: 100 })))
    expect(error.message).toContain('fell silent for 100 ms')
  })

  it('ends when its caller stops', async () => {
    const stop = new AbortController()
    const { url } = await endpoint(() => stop.abort())
    expect((await failure(ask(modelAt(url), stop.signal))).message).toContain('stopped')
    expect((await failure(ask(modelAt(url), AbortSignal.abort()))).message).toContain('stopped')
  })

  it.each<[string, Behaviour, boolean]>([
    ['a stream without finish_reason', streamed([piece('Hel')]), true],
    ['an answer without finish_reason', whole('Hel', null), false],
    ['a stream of another kind of answer', whole('Hel'), true],
  ])('takes %s for a failure', async (_, behaviour, stream) => {
    const { url } = await endpoint(behaviour)
    expect((await failure(ask(modelAt(url, { stream })))).message).toContain('broke off')
  })

  it('takes a cut stream, bad JSON and a closed port for failures', async () => {
    const cut = await endpoint(streamed([piece('Hel')], 'cut'))
    await failure(ask(modelAt(cut.url)))
    const bad = await endpoint(response =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices'),
    )
    expect((await failure(ask(modelAt(bad.url, { stream: false })))).message).toContain('OPENAI_BASE_URL')
    const gone = await endpoint(() => {})
    gone.close()
    expect((await failure(ask(modelAt(gone.url)))).message).toContain('no model endpoint answers')
  })

  it('tries again after 429 and 500, waiting as long as Retry-After says', async () => {
    const times: number[] = []
    const note =
      (behaviour: Behaviour): Behaviour =>
      (...args) => {
        times.push(Date.now())
        behaviour(...args)
      }
    const { url } = await endpoint(
      note(json({ error: { message: 'slow down' } }, 429, { 'retry-after': '0.3' })),
      note(json({}, 500)),
      note(whole('Hello')),
    )
    expect((await ask(modelAt(url, { stream: false }))).text).toBe('Hello')
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(295)
  })

  it('does not wait for a Retry-After beyond its deadline, nor ask a third time', async () => {
    const late = await endpoint(json({}, 429, { 'retry-after': '120' }))
    expect((await failure(ask(modelAt(late.url)))).message).toContain('too often')
    expect(late.bodies).toHaveLength(1)
    const down = await endpoint(json({}, 503))
    expect((await failure(ask(modelAt(down.url)))).message).toContain('failing (503)')
    expect(down.bodies).toHaveLength(3)
  })

  it('stops retrying when many calls fail', async () => {
    const { url, bodies } = await endpoint(json({}, 503))
    const model = modelAt(url)
    for (let i = 0; i < 6; i++) await failure(ask(model))
    expect(bodies).toHaveLength(6 + 4)
  })

  it.each<[number, unknown, string]>([
    [401, { error: { message: `Incorrect API key provided: ${KEY}` } }, 'OPENAI_API_KEY'],
    [404, {}, 'OPENAI_MODEL'],
    [400, {}, 'length of the prompt'],
    [429, { error: { code: 'insufficient_quota' } }, 'quota'],
  ])('says what to do about %i, without the key', async (status, body, advice) => {
    const { url, bodies } = await endpoint(json(body, status))
    expect((await failure(ask(modelAt(url)))).message).toContain(advice)
    expect(bodies).toHaveLength(1)
  })
})

describe('modelFromEnvironment', () => {
  it('is absent without a key or an endpoint of its own', () => {
    expect(modelFromEnvironment({})).toBeUndefined()
    expect(modelFromEnvironment({ OPENAI_MODEL: 'small' })).toBeUndefined()
  })

  it('asks the endpoint the environment names', async () => {
    const { url } = await endpoint(whole('Hello'), streamed([piece('Hello', 'stop')]))
    const model = modelFromEnvironment({ OPENAI_BASE_URL: url, OPENAI_MODEL: 'small' })
    expect(model?.id).toBe('small')
    await failure(ask(model as Model))
    expect((await ask(model as Model)).text).toBe('Hello')
  })

  it('refuses a base URL that is none', () => {
    expect(() => modelFromEnvironment({ OPENAI_BASE_URL: 'nonsense', OPENAI_API_KEY: KEY })).toThrow('OPENAI_BASE_URL')
  })
})
