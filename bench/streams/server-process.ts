/** A second process, and what it says. */
import { type ChildProcess, fork } from 'node:child_process'

export type FromServer = { address: string } | { cpuMicros: number } | Heard

/** Peers that are there, and how long publications took to them since that was asked last, ms. */
export interface Heard {
  peers: number
  delays: number[]
}

export interface ServerProcess {
  readonly address: string
  readonly pid: number
  /** Asks it; its next message is the answer. */
  ask(): Promise<FromServer>
  stop(): void
}

const MAIN = new URL('./process-main.ts', import.meta.url).pathname

/** `name`: what it serves. */
export async function startServer(name: string, ...args: string[]): Promise<ServerProcess> {
  const server = fork(MAIN, [name, ...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const told = await nextMessage(server)
  if (!('address' in told)) throw new Error(`${name} does not say where it is`)
  return {
    address: told.address,
    pid: server.pid ?? 0,
    ask() {
      server.send('tell')
      return nextMessage(server)
    },
    stop: () => server.disconnect(),
  }
}

function nextMessage(server: ChildProcess): Promise<FromServer> {
  return new Promise((resolve, reject) => {
    const died = () => reject(new Error('a server process died'))
    server.once('exit', died)
    server.once('message', message => {
      server.off('exit', died)
      resolve(message as FromServer)
    })
  })
}
