/** Log lines for people and for machines. */
import { consoleLogger } from '@amp-mesh/peer/node'
import { expect, it } from 'vitest'

it('drops what is below its level', () => {
  const lines: string[] = []
  const logger = consoleLogger({ level: 'warn', write: line => lines.push(line) })
  logger.debug('a')
  logger.info('b')
  logger.warn('c', { peer: 'x' })
  logger.error('d')
  expect(lines.map(line => line.slice(13))).toEqual(['warn  c peer="x"\n', 'error d\n'])
})

it('writes one JSON object a line', () => {
  const lines: string[] = []
  consoleLogger({ level: 'debug', json: true, write: line => lines.push(line) }).info('two\nlines', { n: 1 })
  expect(lines).toHaveLength(1)
  expect(lines[0]?.match(/\n/g)).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', message: 'two\nlines', n: 1 })
})
