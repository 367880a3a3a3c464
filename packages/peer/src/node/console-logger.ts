/** Log lines on standard error, as text for people or one JSON object a line for machines. */
import type { Fields, Logger } from '@amp-mesh/protocol'

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LEVELS)[number]

export interface ConsoleLoggerInit {
  /** Lines below this level are dropped (default: warn). */
  level?: LogLevel
  json?: boolean
  write?: (line: string) => void
}

export function consoleLogger(init: ConsoleLoggerInit = {}): Logger {
  const threshold = LEVELS.indexOf(init.level ?? 'warn')
  const write = init.write ?? (line => process.stderr.write(line))
  const line = init.json === true ? jsonLine : textLine
  const at =
    (level: LogLevel) =>
    (message: string, fields: Fields = {}) => {
      if (LEVELS.indexOf(level) >= threshold) write(`${line(level, message, fields)}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const jsonLine = (level: LogLevel, message: string, fields: Fields) =>
  JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })

function textLine(level: LogLevel, message: string, fields: Fields): string {
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
  return `${new Date().toISOString().slice(11, 23)} ${level.padEnd(5)} ${message}${details.join('')}`
}
