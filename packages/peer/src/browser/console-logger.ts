/** A logger that writes to the browser's console. */
import type { Fields, Logger } from '@amp-mesh/protocol'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LEVELS)[number]

export function consoleLogger({ level = 'warn' }: { level?: LogLevel } = {}): Logger {
  const at =
    (one: LogLevel) =>
    (message: string, fields: Fields = {}) => {
      if (LEVELS.indexOf(one) >= LEVELS.indexOf(level)) console[one](`amp-mesh: ${message}`, fields)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
