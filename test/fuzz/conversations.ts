/** Conversations with the gateway, as clients would have them who mean harm: over WebSocket and POST. */
import { Agent, request } from 'node:http'
import { WebSocket } from 'ws'
import { GOOD, hostileBody, hostileText } from './bodies.ts'
import type { Dice } from './dice.ts'

/** A conversation is over by then, whatever the gateway says, ms. */
const TALK_MS = 50
/** Without an answer to its handshake for so long a client gives up, ms. */
const OPEN_MS = 6_000

export interface Gate {
  port: number
  token: string
}

/** Resolves when it is over. False: the gateway did not even answer. */
export const conversation = (gate: Gate, from: string, dice: Dice): Promise<boolean> =>
  dice.rolls(0.3) ? posted(gate, from, dice) : spoken(gate, from, dice)

/** A WebSocket with the token, in either form, often in the wrong one. */
function spoken({ port, token }: Gate, from: string, dice: Dice): Promise<boolean> {
  const isJson = dice.rolls(0.6)
  const form = dice.rolls(0.05) ? 'amp.v9.json' : isJson ? 'amp.v1.json' : 'amp.v1.msgpack'
  const options = { localAddress: from, handshakeTimeout: OPEN_MS, perMessageDeflate: false }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/amp/mesh`, [form, `amp.token.${token}`], options)
  const messages = Array.from({ length: dice.below(6) + 1 }, () => (isJson ? text(dice) : hostileBody(dice)))
  const isRude = dice.rolls(0.5)
  return new Promise(resolve => {
    let answered = false
    const end = () => (isRude ? socket.terminate() : socket.close())
    socket.on('error', () => {})
    socket.on('unexpected-response', (sent, response) => {
      answered = true
      response.resume()
      sent.destroy()
      resolve(true)
    })
    socket.on('open', () => {
      answered = true
      for (const message of messages) socket.send(message, { binary: !isJson })
      setTimeout(end, TALK_MS)
    })
    socket.on('close', () => resolve(answered))
  })
}

/** One message by POST, of which a part may be kept back; its answer is not waited for to the end. */
function posted({ port, token }: Gate, from: string, dice: Dice): Promise<boolean> {
  const body = dice.rolls(0.7) ? text(dice) : hostileBody(dice)
  const length = dice.rolls(0.2) ? body.length + dice.below(100) : body.length
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': length }
  const options = { port, host: '127.0.0.1', path: '/amp/mesh', method: 'POST', headers, localAddress: from }
  return new Promise(resolve => {
    const sent = request({ ...options, agent: new Agent({ keepAlive: false }) }, response => {
      response.resume()
      response.on('error', () => {})
      setTimeout(() => sent.destroy(), TALK_MS)
    })
    sent.on('error', () => {})
    sent.on('close', () => resolve(true))
    sent.write(body)
    if (length === body.length) sent.end()
    else setTimeout(() => sent.destroy(), TALK_MS)
  })
}

const text = (dice: Dice): Uint8Array => (dice.rolls(0.3) ? dice.pick(GOOD.texts) : hostileText(dice))
