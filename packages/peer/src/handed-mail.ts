/** Mail that is handed on over a port, to a handler in another tab or in a worker, and what comes back of it. */
import { AmpError, type Json, type Mail, type Reply } from '@amp-mesh/protocol'
import { encodeBody, readBody } from './delivery/body.ts'

/** A message as it crosses the port; `number` tells it from others that are being handled. */
export type MailPicture = Pick<Mail, 'message' | 'from' | 'agent' | 'key'> & { number: number }

/** What its handler answered, and what it keeps. */
export interface AnsweredMail {
  answer: Json | undefined
  keeps: [key: string, value: Json][]
}

/** The side the mail comes to. */
export class HandedMail {
  readonly #handed = new Map<number, Mail>()
  #count = 0

  /** Resolves with the answer, when what is to be kept is kept with the mail. `pass` gives it to the other side. */
  async hand(mail: Mail, pass: (picture: MailPicture) => Promise<AnsweredMail>): Promise<Json | undefined> {
    const { message, from, agent, key } = mail
    const number = this.#count++
    this.#handed.set(number, mail)
    try {
      const { answer, keeps } = await pass({ number, message, from, key, ...(agent !== undefined && { agent }) })
      for (const [name, value] of keeps) mail.keep(name, value)
      return answer
    } catch (error) {
      // senders are told the words of an AmpError only: what was no such error there is none here either
      throw error instanceof AmpError && error.code === 'internal' ? new Error(error.message) : error
    } finally {
      this.#handed.delete(number)
    }
  }

  /** What was kept before, for the handler of that mail. */
  kept(number: number, key: string): Promise<Json | undefined> | undefined {
    return this.#handed.get(number)?.kept(key)
  }
}

/** The side that has the handler. `kept` asks the other one. */
export async function answerMail(
  { number: _, ...mail }: MailPicture,
  receive: (mail: Mail) => Reply,
  means: Pick<Mail, 'signal' | 'kept'>,
): Promise<AnsweredMail> {
  const keeps: [string, Json][] = []
  const keep = (key: string, value: Json) => void keeps.push([key, plain(value)])
  const answer = await receive({ ...mail, ...means, keep })
  return { answer: answer === undefined || answer === null ? undefined : plain(answer), keeps }
}

/** What can cross a port and go on from there. Throws `bad-input` or `too-large` for what can't. */
export const plain = (value: Json): Json => readBody(encodeBody(value))
