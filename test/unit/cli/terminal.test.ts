/** The terminal: a status line for a person who waits, nothing of it for anybody else. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startSpinner } from '../../../packages/cli/src/spinner.ts'
import { createTerminal } from '../../../packages/cli/src/terminal.ts'

function terminal(init: { tty?: boolean; json?: boolean; verbose?: boolean; env?: Record<string, string> } = {}) {
  const { tty = false, json = false, verbose = false, env = {} } = init
  const written = { out: '', err: '' }
  const stdout = { write: (text: string) => (written.out += text), isTTY: tty, columns: 80 }
  const stderr = { write: (text: string) => (written.err += text) }
  return { written, terminal: createTerminal({ stdout, stderr }, { json, verbose, env }) }
}

describe('status line', () => {
  it('makes room for the next line', () => {
    const { written, terminal: t } = terminal({ tty: true, env: { NO_COLOR: '1' } })
    t.status('waiting')
    t.tell({}, () => 'news')
    expect(written.out).toBe('\r\u001b[2Kwaiting\r\u001b[2Knews\n')
  })

  it.each([{ tty: false }, { tty: true, json: true }, { tty: true, env: { TERM: 'dumb' } }])(
    'is silent with %j',
    init => {
      const { written, terminal: t } = terminal(init)
      t.status('waiting')
      t.clearStatus()
      expect(written.out).toBe('')
    },
  )
})

describe('spinner', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('turns until it is stopped', () => {
    const { written, terminal: t } = terminal({ tty: true, env: { NO_COLOR: '1' } })
    const spinner = startSpinner(t, elapsed => `${elapsed} so far`)
    vi.advanceTimersByTime(250)
    expect(written.out).toContain('⠙ 0.20 s so far')
    spinner.stop()
    const { length } = written.out
    vi.advanceTimersByTime(1000)
    expect(written.out).toHaveLength(length)
  })

  it('does not start when nobody watches', () => {
    startSpinner(terminal().terminal, () => 'x')
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('log', () => {
  it('goes to stderr without escapes, all of it only with --verbose', () => {
    expect(terminal().terminal.log.level).toBe('error')
    const { written, terminal: t } = terminal({ verbose: true, json: true })
    expect(t.log.level).toBe('debug')
    t.log.write('dialled \u001b[31mpeer\n')
    expect(written).toEqual({ out: '', err: 'dialled peer\n' })
  })
})

describe('remarks', () => {
  it('are for people', () => {
    const people = terminal()
    people.terminal.remark('nobody here')
    expect(people.written).toEqual({ out: '', err: 'nobody here\n' })
    const programs = terminal({ json: true })
    programs.terminal.remark('nobody here')
    expect(programs.written).toEqual({ out: '', err: '' })
  })
})
