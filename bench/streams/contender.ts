/** What all rivals have in common: a server in a process of its own, and a client that floods it and asks it back. */

/** The text every rival carries, in its own envelope; 200 bytes or 4 KiB of it as msgpack. */
export interface Letter {
  v: number
  id: string
  type: string
  from: string
  query: string
  thread: string
  ts: number
  refs: string[]
}

export interface Contender {
  readonly name: string
  /** Of what others send in a round: for those so slow that a round would take minutes. Default: all. */
  readonly share?: number
  /** Why it cannot run on this machine; undefined when it can. */
  missing?(): string | undefined
  /** In the process of its own. */
  serve(): Promise<{ address: string }>
  dial(address: string): Promise<Client>
}

export interface Client {
  /** Sends the letter so often; resolves with how many the other side has counted since it was asked last. */
  flood(letter: Letter, times: number): Promise<number>
  /** A short message there, one back. */
  roundTrip(): Promise<void>
  close(): Promise<void>
}

/** Letters that a program has to send in one turn of its event loop: what can be joined is joined from these. */
export const LETTERS_A_TICK = 200
export const BYTES_A_TICK = 256 * 1024

/** `bytes`: of the letter as msgpack. */
export function letterOf(bytes: number): Letter {
  return {
    v: 1,
    id: '01JABCDEFGHJKMNPQRSTVWXYZ0',
    type: 'broadcast',
    from: '12D3KooWGC6TvWhfagifX6eQ5mW3eqfY1nZ4G4Qf7WmKxkQ6aJ9b',
    query: 'Who can help with: book travel to NYC?'.padEnd(38 + bytes - 200, ' and so on'),
    thread: 'thread_456',
    ts: 1_763_600_000_000,
    refs: ['fact_123'],
  }
}

/** Calls `send` for each letter, a tick's worth in each turn of the event loop. */
export async function inTicks(times: number, bytes: number, send: (count: number) => Promise<void>): Promise<void> {
  const perTick = Math.max(1, Math.min(LETTERS_A_TICK, Math.floor(BYTES_A_TICK / bytes)))
  for (let sent = 0; sent < times; sent += perTick) {
    await send(Math.min(perTick, times - sent))
    await turn()
  }
}

export const turn = () => new Promise<void>(resolve => setImmediate(resolve))
