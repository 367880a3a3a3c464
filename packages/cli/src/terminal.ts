/** Where a command writes: lines or JSON on stdout, hints and the log on stderr, a status line for who watches. */

import { jsonLine } from './render/json-line.ts'
import { createPalette } from './render/palette.ts'
import { cut, plainText } from './render/plain-text.ts'
import type { Style } from './render/timeline.ts'

/** The part of a Node stream a terminal needs. */
export interface Sink {
  write(chunk: string | Uint8Array): unknown
  isTTY?: boolean
  columns?: number
}

export interface Log {
  level: 'debug' | 'error'
  write(line: string): void
}

export interface Terminal {
  /** A person sits before it: colours, a status line, a prompt. */
  readonly interactive: boolean
  readonly json: boolean
  /** Width and colours as they are now: windows change. */
  style(): Style
  /** One result: as a JSON line with --json, else as the lines that `draw` gives. */
  tell(value: object, draw: (style: Style) => string | readonly string[]): void
  /** A remark that is no result: to stderr, and not with --json. */
  remark(text: string): void
  /** The log of this command's peer, to stderr: all of it with --verbose, else errors only. */
  readonly log: Log
  /** What goes on while one waits; replaced by the next, gone with the next line. Only before a person. */
  status(text: string): void
  clearStatus(): void
}

const DEFAULT_WIDTH = 120
const MIN_WIDTH = 60
/** Longer lines are hard to read, however wide the window is. */
const MAX_WIDTH = 160
const CLEAR_LINE = '\r\u001b[2K'

export function createTerminal(
  { stdout, stderr }: { stdout: Sink; stderr: Sink },
  { json, verbose, env }: { json: boolean; verbose: boolean; env: Readonly<Record<string, string | undefined>> },
): Terminal {
  const interactive = stdout.isTTY === true && !json && env.TERM !== 'dumb'
  const palette = createPalette(interactive && !env.NO_COLOR)
  const width = () => Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, stdout.columns || DEFAULT_WIDTH))
  let waiting = false

  const clearStatus = () => {
    if (waiting) stdout.write(CLEAR_LINE)
    waiting = false
  }
  const toStderr = (line: string) => {
    clearStatus()
    stderr.write(`${line}\n`)
  }
  return {
    interactive,
    json,
    style: () => ({ width: width(), palette }),
    tell(value, draw) {
      clearStatus()
      if (json) stdout.write(`${jsonLine(value)}\n`)
      else for (const line of [draw({ width: width(), palette })].flat()) stdout.write(`${line}\n`)
    },
    remark(text) {
      if (!json) toStderr(text)
    },
    log: { level: verbose ? 'debug' : 'error', write: line => toStderr(plainText(line)) },
    status(text) {
      if (!interactive) return
      stdout.write(CLEAR_LINE + palette.quiet(cut(text, width() - 1)))
      waiting = true
    },
    clearStatus,
  }
}
